//! Recordings of real media, from the first frame to the finished file. Needs ffmpeg and ffprobe on PATH.

#[cfg(test)]
mod common;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod finished_file;
#[cfg(test)]
mod holes;
#[cfg(test)]
mod live;
#[cfg(test)]
mod long;
#[cfg(test)]
mod refusal;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod second;
#[cfg(test)]
mod trimmed;
