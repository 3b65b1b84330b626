//! Looks at the picture and listens to the sound, a little, for [`Observer`](crate::components::browser_streamer::senses).

use js_sys::{Float32Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlVideoElement, MediaStream};

use super::events::construct;
use super::js::{call, call_async, get, object};
use crate::components::browser_streamer::senses::Look;

const WIDTH: u32 = 32;
const HEIGHT: u32 = 18;

/// Draws the picture small, and reads it.
#[derive(Debug)]
pub struct Eye(JsValue);

impl Eye {
    pub fn open() -> Option<Self> {
        let document = get(web_sys::window()?.as_ref(), "document");
        let canvas = call(&document, "createElement", &[&"canvas".into()]).ok()?;
        for (name, value) in [("width", WIDTH), ("height", HEIGHT)] {
            js_sys::Reflect::set(&canvas, &name.into(), &value.into()).ok()?;
        }
        let often = object(&[("willReadFrequently", &true.into())]);
        call(&canvas, "getContext", &[&"2d".into(), &often]).ok().filter(|context| !context.is_null()).map(Self)
    }

    /// `None` while the video shows nothing.
    pub fn look(&self, video: &HtmlVideoElement) -> Option<Look> {
        if get(video, "readyState").as_f64()? < 2.0 || get(video, "paused").is_truthy() {
            return None;
        }
        let (width, height) = (WIDTH.into(), HEIGHT.into());
        let zero = JsValue::from(0);
        call(&self.0, "drawImage", &[video, &zero, &zero, &width, &height]).ok()?;
        let image = call(&self.0, "getImageData", &[&zero, &zero, &width, &height]).ok()?;
        let points = Uint8Array::new(&get(&get(&image, "data"), "buffer")).to_vec();
        let mut look = Look { brightest: 0, sum: 0 };
        for (place, point) in (1_u32..).zip(points.chunks_exact(4)) {
            let light = u32::from(point[0]) + u32::from(point[1]) + u32::from(point[2]);
            look.brightest = look.brightest.max((light / 3) as u8);
            // Weighted by its place: a picture that moves has another sum, though no point of it is new.
            look.sum = look.sum.wrapping_add(light.wrapping_mul(place));
        }
        Some(look)
    }
}

/// Measures how loud it is. Closed when dropped.
#[derive(Debug)]
pub struct Ear {
    context: JsValue,
    analyser: JsValue,
    samples: Float32Array,
}

impl Ear {
    pub fn open(stream: &MediaStream) -> Option<Self> {
        let context = construct("AudioContext", &[]).or_else(|| construct("webkitAudioContext", &[]))?;
        let source = call(&context, "createMediaStreamSource", &[stream]).ok()?;
        let analyser = call(&context, "createAnalyser", &[]).ok()?;
        js_sys::Reflect::set(&analyser, &"fftSize".into(), &16_384.into()).ok()?;
        call(&source, "connect", &[&analyser]).ok()?;
        Some(Self { context, analyser, samples: Float32Array::new_with_length(16_384) })
    }

    /// The loudest moment of the last third of a second, from 0 to 1. `None` while the browser does not measure: then it
    /// is asked to go on.
    pub fn loudest(&self) -> Option<f32> {
        if get(&self.context, "state").as_string().as_deref() != Some("running") {
            let context = self.context.clone();
            spawn_local(async move {
                // Refused while something else has the sound: it is asked again.
                let _ = call_async(&context, "resume", &[]).await;
            });
            return None;
        }
        call(&self.analyser, "getFloatTimeDomainData", &[self.samples.unchecked_ref()]).ok()?;
        Some(self.samples.to_vec().into_iter().map(f32::abs).fold(0.0, f32::max))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = call(&self.context, "close", &[]);
    }
}
