// The way between a phone and the server, as a dead spot, a change of network and a bad cell make it: a relay of TCP and UDP
// in front of a server. It needs no rights and no network namespaces.
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server as TcpServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { Server } from "./server";

/** What a narrow way holds, as the buffers of a phone and its cell do, before something is lost. */
const LONGEST_WAIT_MS = 250;
/** Bytes of TCP that travel together. */
const PACKET = 1400;

/** Somebody's TCP connection. Once it is deserted nothing comes through it any more, and nobody is told. */
interface Connection {
  phone: Socket;
  server: Socket;
  deserted: boolean;
}

export class Network {
  readonly #server: Server;
  readonly #tcp: TcpServer;
  readonly #udp: UdpSocket;
  /** By the phone's address: the socket that the server sees it at. */
  readonly #upstream = new Map<string, UdpSocket>();
  readonly #connections = new Set<Connection>();
  #down = false;
  /** So many bytes at the most go from the phone to the server through one connection. */
  #longest = Infinity;
  #loss = 0;
  /** Of what the phone sends, in bits a second; and until when the way is taken by what waits already. */
  #rate = Infinity;
  #takenUntil = 0;
  readonly #waiting: { until: number; send: () => void }[] = [];
  #random = 1;
  /** UDP datagrams that came through, and that did not. */
  readonly datagrams = { passed: 0, lost: 0 };
  /** Connections that were cut. */
  cuts = 0;

  /** At which the server's UDP port is reached. */
  readonly #host: string;
  /** Where the server's TCP port for media is reached, if at all. */
  #media: TcpServer | undefined;

  private constructor(server: Server, host: string, tcp: TcpServer, udp: UdpSocket) {
    this.#server = server;
    this.#host = host;
    this.#tcp = tcp;
    this.#udp = udp;
    tcp.on("connection", (phone) => this.#connect(phone));
    udp.on("message", (datagram, from) => this.#toServer(datagram, from.address, from.port));
  }

  /** `host`: where the server takes UDP, for a browser that does not send to the loopback. */
  static async before(server: Server, host = "127.0.0.1"): Promise<Network> {
    const tcp = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(tcp, "listening");
    // As many digits as the server's own port has: it takes its place in answers of which the length is known already.
    for (;;) {
      const udp = createSocket("udp4").bind(0, host);
      await once(udp, "listening");
      if (`${udp.address().port}`.length === `${server.udpPort}`.length) return new Network(server, host, tcp, udp);
      udp.close();
    }
  }

  /** A link of the server, as it is reached through this network. */
  link(link: string): string {
    const url = new URL(link);
    url.port = `${(this.#tcp.address() as { port: number }).port}`;
    return url.href;
  }

  /** A dead spot: nothing comes through. What is sent by TCP waits, as retransmission would have it. */
  drop(): void {
    this.#down = true;
    for (const { phone, server } of this.#connections) {
      phone.pause();
      server.pause();
    }
  }

  restore(): void {
    this.#down = false;
    for (const { phone, server, deserted } of this.#connections) {
      if (deserted) continue;
      phone.resume();
      server.resume();
    }
  }

  /** The phone has another address from now on, and its connections of before are dead without a word. */
  changeAddress(): void {
    for (const socket of this.#upstream.values()) socket.close();
    this.#upstream.clear();
    for (const connection of this.#connections) {
      connection.deserted = true;
      connection.phone.pause();
      connection.server.pause();
    }
  }

  /** Media may come by TCP, at the port of the same number; before that nobody answers there. */
  async letMediaThroughByTcp(): Promise<void> {
    this.#media = createServer((phone) => {
      const server = connect({ port: this.#server.udpPort, host: this.#host });
      const connection = { phone, server, deserted: false };
      this.#connections.add(connection);
      phone.pipe(server).pipe(phone);
      const over = () => {
        phone.destroy();
        server.destroy();
        this.#connections.delete(connection);
      };
      for (const socket of [phone, server]) socket.on("error", over).on("close", over);
    }).listen(this.#udp.address().port, this.#host);
    await once(this.#media, "listening");
  }

  /** So many of all datagrams are lost, in each direction: the same ones with every run. */
  lose(share: number): void {
    this.#loss = share;
  }

  /** Picture, sound and everything else that the phone sends share a way of so many bits a second. */
  narrow(rate: number): void {
    this.#rate = rate;
  }

  /** Connections break after a number of bytes that nobody can foresee, up to this one. */
  cutWithin(bytes: number): void {
    this.#longest = bytes;
  }

  async stop(): Promise<void> {
    for (const socket of this.#upstream.values()) socket.close();
    this.#upstream.clear();
    this.#udp.close();
    for (const { phone, server } of this.#connections) {
      phone.destroy();
      server.destroy();
    }
    for (const listener of [this.#tcp, this.#media]) {
      if (!listener) continue;
      listener.close();
      await once(listener, "close");
    }
  }

  #connect(phone: Socket): void {
    const server = connect({ port: this.#server.port, host: "127.0.0.1", allowHalfOpen: true });
    const connection = { phone, server, deserted: false };
    this.#connections.add(connection);
    const over = () => {
      phone.destroy();
      server.destroy();
      this.#connections.delete(connection);
    };
    const [ours, theirs] = [` ${this.#server.udpPort} typ`, ` ${this.#udp.address().port} typ`];
    let left = this.#longest === Infinity ? Infinity : Math.ceil(Math.random() * this.#longest);
    phone.on("data", (bytes) => {
      left -= bytes.length;
      if (this.#rate < Infinity) return void this.#squeeze(connection, bytes);
      server.write(left < 0 ? bytes.subarray(0, bytes.length + left) : bytes);
      if (left >= 0) return;
      this.cuts += 1;
      server.end(() => over());
    });
    // What the server says about its UDP port is about this one.
    server.on("data", (bytes) => phone.write(Buffer.from(bytes.toString("latin1").replaceAll(ours, theirs), "latin1")));
    phone.on("end", () => server.end());
    server.on("end", () => phone.end());
    for (const socket of [phone, server]) socket.on("error", over).on("close", over);
    if (this.#down) server.pause();
    else phone.resume();
  }

  /** TCP through a narrow way: packet by packet, and no more than fit into it. */
  async #squeeze({ phone, server }: Connection, bytes: Buffer): Promise<void> {
    phone.pause();
    for (let at = 0; at < bytes.length; at += PACKET) {
      const packet = bytes.subarray(at, at + PACKET);
      while (!this.#afterTheRest(packet.length, () => server.write(packet))) await sleep(5);
    }
    if (!this.#down) phone.resume();
  }

  /** `false`: so much waits already that there is no room. */
  #afterTheRest(bytes: number, send: () => void): boolean {
    const now = performance.now();
    const wait = Math.max(this.#takenUntil - now, 0);
    if (this.#rate === Infinity && wait === 0) {
      send();
      return true;
    }
    if (wait > LONGEST_WAIT_MS) return false;
    this.#takenUntil = now + wait + (bytes * 8 * 1000) / this.#rate;
    this.#waiting.push({ until: this.#takenUntil, send });
    if (this.#waiting.length === 1) this.#sendWhatIsDue();
    return true;
  }

  /** One after the other: timers of their own would overtake each other. */
  #sendWhatIsDue(): void {
    while (this.#waiting.length > 0 && this.#waiting[0].until <= performance.now()) this.#waiting.shift()?.send();
    const next = this.#waiting[0];
    if (next) setTimeout(() => this.#sendWhatIsDue(), next.until - performance.now());
  }

  #toServer(datagram: Buffer, address: string, port: number): void {
    if (!this.#passes()) return;
    const key = `${address}:${port}`;
    let upstream = this.#upstream.get(key);
    if (!upstream) {
      upstream = createSocket("udp4");
      upstream.on("message", (answer) => {
        if (this.#passes()) this.#udp.send(answer, port, address);
      });
      upstream.on("error", () => {});
      this.#upstream.set(key, upstream);
    }
    const way = upstream;
    this.#afterTheRest(datagram.length, () => {
      // What still waits when the phone gets another address, or when the test is over, is lost.
      if (this.#upstream.get(key) === way) way.send(datagram, this.#server.udpPort, this.#host);
    });
  }

  #passes(): boolean {
    // Mulberry32: as random as losses need to be, and the same with every run.
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    const passes = !this.#down && ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32 >= this.#loss;
    this.datagrams[passes ? "passed" : "lost"] += 1;
    return passes;
  }
}
