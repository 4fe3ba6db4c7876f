// libs/kernel/src/base64.ts
/** Base64 in any runtime: the standard alphabet with padding out, both alphabets in (padding optional). */
const NODE_BUFFER = globalThis.Buffer;
function encodeBase64(bytes) {
	if (NODE_BUFFER) return NODE_BUFFER.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
	let binary = "";
	for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
	return btoa(binary);
}
/** Undefined when `text` is not base64. */
function decodeBase64(text) {
	if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return void 0;
	if (NODE_BUFFER) return NODE_BUFFER.from(text, "base64");
	try {
		const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
		return Uint8Array.from(binary, (char) => char.charCodeAt(0));
	} catch {
		return;
	}
}
// libs/kernel/src/errors.ts
/** The one error that crosses rooms. `message` is safe to show to a caller. */
var ParleyError = class extends Error {
	code;
	kind;
	retryable;
	retryAfterMs;
	details;
	constructor(code, message, options = {}) {
		super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
		this.name = new.target.name;
		this.code = code;
		this.kind = options.kind ?? "internal";
		this.retryable = options.retryable ?? false;
		this.retryAfterMs = options.retryAfterMs;
		this.details = options.details ?? {};
	}
};
/** Turns whatever was thrown into a `ParleyError`; what is not one becomes `internal` and shows nothing. */
function toParleyError(thrown) {
	if (thrown instanceof ParleyError) return thrown;
	return new ParleyError("internal", "Something went wrong on our side.", {
		kind: "internal",
		cause: thrown
	});
}
// libs/audio/src/pcm16.ts
/**
* PCM16: signed 16-bit little-endian mono samples in a `Uint8Array`, which is how all audio moves through
* Parley. Bytes, not `Int16Array`, because views into network buffers may start at an odd offset.
*/
const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32768;
/** How long `byteLength` bytes sound, in milliseconds with a fraction. */
function pcm16DurationMs(byteLength, rateHz) {
	return byteLength / BYTES_PER_SAMPLE / rateHz * 1e3;
}
/** The sample of two bytes, −32768…32767. */
function joinSample(low, high) {
	return (low | high << 8) << 16 >> 16;
}
/** Sample `index` of `pcm16`; `index` must be inside. */
function pcm16Sample(pcm16, index) {
	return joinSample(pcm16[2 * index] ?? 0, pcm16[2 * index + 1] ?? 0);
}
/** Samples in −1…1; a last half sample is left out. `float32ToPcm16` gives the same bytes back. */
function pcm16ToFloat32(pcm16) {
	const samples = new Float32Array(pcm16.length >> 1);
	for (let i = 0; i < samples.length; i++) samples[i] = pcm16Sample(pcm16, i) / FULL_SCALE;
	return samples;
}
/** Samples outside −1…1 are clipped; NaN becomes 0. */
function float32ToPcm16(samples) {
	const pcm16 = new Uint8Array(samples.length * BYTES_PER_SAMPLE);
	for (let i = 0; i < samples.length; i++) {
		const scaled = Math.round((samples[i] ?? 0) * FULL_SCALE);
		const value = scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled;
		pcm16[2 * i] = value;
		pcm16[2 * i + 1] = value >> 8;
	}
	return pcm16;
}
const FULL_SCALE_SQUARED = 32768 ** 2;
/** Root mean square level of a chunk; `SILENCE_DBFS` when it is empty. */
function rmsDbfs(pcm16) {
	return meanSquareToDbfs(meanSquare(pcm16));
}
/** `meanSquare` is in squared sample steps (0…32768²). */
function meanSquareToDbfs(meanSquare) {
	if (meanSquare <= 0) return -96;
	return Math.max(-96, 10 * Math.log10(meanSquare / FULL_SCALE_SQUARED));
}
function meanSquare(pcm16) {
	const count = pcm16.length >> 1;
	if (count === 0) return 0;
	let sum = 0;
	for (let i = 0; i < count; i++) {
		const sample = pcm16Sample(pcm16, i);
		sum += sample * sample;
	}
	return sum / count;
}
// libs/audio/src/libsamplerate-resampler.ts
const BLOCK_SAMPLES = 8192;
/**
* Opens a resampler between two rates of 4,000 to 192,000 Hz. That takes some 10 ms and 2 MB: keep it and reuse
* it, one stream after another. Nothing needs closing. Rejects with `unsupported_audio`.
*/
async function createResampler(fromHz, toHz) {
	for (const rateHz of [fromHz, toHz]) {
		if (Number.isInteger(rateHz) && rateHz >= 4e3 && rateHz <= 192e3) continue;
		throw new ParleyError("unsupported_audio", "A sample rate must lie between 4,000 and 192,000 Hz.", {
			kind: "invalid_argument",
			details: { rateHz }
		});
	}
	return fromHz === toHz ? {
		push: (pcm16) => pcm16,
		flush: () => /* @__PURE__ */ new Uint8Array(0)
	} : new LibsamplerateResampler(await loadConverter(fromHz, toHz), fromHz, toHz);
}
/** Loads the package on first use: it is 2 MB of code that a browser may never need. */
async function loadConverter(fromHz, toHz) {
	const loaded = await import("@alexanderolsen/libsamplerate-js");
	const library = "create" in loaded ? loaded : loaded.default;
	return library.create(1, fromHz, toHz, { converterType: library.ConverterType.SRC_SINC_FASTEST });
}
/**
* libsamplerate's streaming interface. It keeps the last few milliseconds of input for its filter; they are
* pushed out with silence at the end, and what that makes beyond the length of the stream is cut off.
*/
var LibsamplerateResampler = class {
	#converter;
	#ratio;
	#fromHz;
	#input = new Float32Array(BLOCK_SAMPLES);
	#output;
	#lowByte = -1;
	#samplesIn = 0;
	#samplesOut = 0;
	constructor(converter, fromHz, toHz) {
		this.#converter = converter;
		this.#fromHz = fromHz;
		this.#ratio = toHz / fromHz;
		this.#output = new Float32Array(Math.ceil(BLOCK_SAMPLES * this.#ratio) + 1);
	}
	push(pcm16) {
		const whole = this.#joinHalfSample(pcm16);
		const count = whole.length >> 1;
		this.#samplesIn += count;
		if (whole.length % 2 === 1) this.#lowByte = whole[whole.length - 1] ?? 0;
		const parts = [];
		for (let at = 0; at < count; at += BLOCK_SAMPLES) {
			const length = Math.min(BLOCK_SAMPLES, count - at);
			for (let i = 0; i < length; i++) this.#input[i] = pcm16Sample(whole, at + i) / 32768;
			parts.push(float32ToPcm16(this.#convert(length)));
		}
		return concat(parts);
	}
	flush() {
		const samplesExpected = Math.round(this.#samplesIn * this.#ratio);
		const parts = [];
		while (this.#samplesOut < samplesExpected) {
			const missing = samplesExpected - this.#samplesOut;
			this.#input.fill(0);
			const made = this.#convert(BLOCK_SAMPLES / 8);
			parts.push(float32ToPcm16(made.subarray(0, missing)));
		}
		this.#lowByte = -1;
		this.#samplesIn = 0;
		this.#samplesOut = 0;
		this.#converter.inputSampleRate = this.#fromHz;
		return concat(parts);
	}
	/** Converts the first `length` samples of the input block. */
	#convert(length) {
		const written = { frames: 0 };
		this.#converter.full(this.#input.subarray(0, length), this.#output, written);
		this.#samplesOut += written.frames;
		return this.#output.subarray(0, written.frames);
	}
	#joinHalfSample(pcm16) {
		if (this.#lowByte < 0 || pcm16.length === 0) return pcm16;
		const joined = new Uint8Array(pcm16.length + 1);
		joined[0] = this.#lowByte;
		joined.set(pcm16, 1);
		this.#lowByte = -1;
		return joined;
	}
};
function concat(parts) {
	const [only] = parts;
	if (only && parts.length === 1) return only;
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
// libs/audio/src/speech-energy.ts
const FRAME_MS = 20;
const FLOOR_FRAMES = 2e3 / FRAME_MS;
/** A stream is taken to follow two seconds in a quiet room, so that it may begin in the middle of a word. */
const QUIET_ROOM_DBFS = -60;
const HYSTERESIS_DB = 3;
const VOICED_SHARE = .7;
const MAX_PREFIX_MS = 2e3;
const THRESHOLDS = {
	HIGH: {
		aboveFloorDb: 9,
		gateDbfs: -45
	},
	LOW: {
		aboveFloorDb: 15,
		gateDbfs: -38
	}
};
const NO_EDGES = [];
/**
* Finds speech in PCM16 by loudness alone: cheap, and good enough where a provider or an emulator needs turns
* rather than words. A frame of 20 ms is voiced when it is louder than the quietest of the last two seconds by
* a margin and louder than an absolute gate.
*
* 1. Works in audio time only: how the stream is cut into chunks, and how fast they come, changes nothing.
* 2. Edges alternate, beginning with a start, and their times never fall.
* 3. A start lies at the first voiced frame of the window that proved it, an end behind the last voiced frame.
*/
var SpeechEnergy = class {
	#frameSamples;
	#frameMs;
	#aboveFloorDb;
	#gateDbfs;
	#levels = new Float64Array(FLOOR_FRAMES).fill(QUIET_ROOM_DBFS);
	#window;
	#neededVoiced;
	#neededQuiet;
	#voicedInWindow = 0;
	#quietFrames = 0;
	#lastVoicedFrame = 0;
	#frame = 0;
	#speaking = false;
	#sum = 0;
	#samplesInFrame = 0;
	#lowByte = -1;
	constructor(options) {
		const { rateHz, sensitivity = "HIGH", prefixPaddingMs = 100, silenceDurationMs = 800 } = options;
		if (!(rateHz >= 4e3 && rateHz <= 192e3)) throw new ParleyError("unsupported_audio", "The sample rate must lie between 4,000 and 192,000 Hz.", {
			kind: "invalid_argument",
			details: { rateHz }
		});
		this.#frameSamples = Math.round(rateHz * FRAME_MS / 1e3);
		this.#frameMs = this.#frameSamples / rateHz * 1e3;
		this.#aboveFloorDb = THRESHOLDS[sensitivity].aboveFloorDb;
		this.#gateDbfs = THRESHOLDS[sensitivity].gateDbfs;
		this.#window = new Uint8Array(framesIn(Math.min(prefixPaddingMs, MAX_PREFIX_MS)));
		this.#neededVoiced = Math.ceil(this.#window.length * VOICED_SHARE);
		this.#neededQuiet = framesIn(silenceDurationMs);
	}
	/** Whether a start was reported and its end was not. */
	get speaking() {
		return this.#speaking;
	}
	/** Takes the next bytes of the stream (any number, also half a sample) and returns the edges they prove. */
	push(pcm16) {
		let edges;
		let at = 0;
		if (this.#lowByte >= 0 && pcm16.length > 0) {
			this.#sum += joinSample(this.#lowByte, pcm16[0] ?? 0) ** 2;
			this.#samplesInFrame += 1;
			this.#lowByte = -1;
			at = 1;
			const edge = this.#endFrameIfFull();
			if (edge) (edges ??= []).push(edge);
		}
		while (at + 1 < pcm16.length) {
			const stop = Math.min(pcm16.length - 1, at + 2 * (this.#frameSamples - this.#samplesInFrame));
			const from = at;
			let sum = this.#sum;
			for (; at < stop; at += 2) {
				const sample = joinSample(pcm16[at] ?? 0, pcm16[at + 1] ?? 0);
				sum += sample * sample;
			}
			this.#sum = sum;
			this.#samplesInFrame += (at - from) / 2;
			const edge = this.#endFrameIfFull();
			if (edge) (edges ??= []).push(edge);
		}
		if (at < pcm16.length) this.#lowByte = pcm16[at] ?? 0;
		return edges ?? NO_EDGES;
	}
	/** The stream pauses: speech that is under way ends now, without waiting for quiet. */
	flush() {
		return this.#speaking ? [this.#endSpeech()] : NO_EDGES;
	}
	#endFrameIfFull() {
		if (this.#samplesInFrame < this.#frameSamples) return void 0;
		const levelDbfs = meanSquareToDbfs(this.#sum / this.#frameSamples);
		this.#sum = 0;
		this.#samplesInFrame = 0;
		this.#levels[this.#frame % FLOOR_FRAMES] = levelDbfs;
		const thresholdDbfs = Math.max(this.#floorDbfs() + this.#aboveFloorDb, this.#gateDbfs);
		const voiced = levelDbfs > (this.#speaking ? thresholdDbfs - HYSTERESIS_DB : thresholdDbfs);
		this.#frame += 1;
		if (voiced) this.#lastVoicedFrame = this.#frame;
		return this.#speaking ? this.#listenForEnd(voiced) : this.#listenForStart(voiced);
	}
	#floorDbfs() {
		let floor = 0;
		for (let i = 0; i < FLOOR_FRAMES; i++) floor = Math.min(floor, this.#levels[i] ?? 0);
		return floor;
	}
	#listenForStart(voiced) {
		const slot = (this.#frame - 1) % this.#window.length;
		this.#voicedInWindow += (voiced ? 1 : 0) - (this.#window[slot] ?? 0);
		this.#window[slot] = voiced ? 1 : 0;
		if (this.#voicedInWindow < this.#neededVoiced) return void 0;
		let age = this.#window.length;
		while (this.#window[(this.#frame + this.#window.length - age) % this.#window.length] === 0) age -= 1;
		this.#speaking = true;
		this.#quietFrames = 0;
		return this.#edge("start", this.#frame - age);
	}
	#listenForEnd(voiced) {
		this.#quietFrames = voiced ? 0 : this.#quietFrames + 1;
		return this.#quietFrames >= this.#neededQuiet ? this.#endSpeech() : void 0;
	}
	#endSpeech() {
		this.#speaking = false;
		this.#window.fill(0);
		this.#voicedInWindow = 0;
		return this.#edge("end", this.#lastVoicedFrame);
	}
	#edge(kind, frame) {
		return {
			kind,
			atMs: Math.round(frame * this.#frameMs)
		};
	}
};
function framesIn(durationMs) {
	return Math.max(1, Math.round(durationMs / FRAME_MS));
}
// libs/audio/src/wav-reader.ts
const INTEGER_PCM = 1;
const FLOAT_PCM = 3;
/** The real format tag then stands in the first two bytes of the sub-format, 24 bytes into the chunk. */
const EXTENSIBLE = 65534;
/**
* Reads integer PCM of 8, 16, 24 or 32 bits or 32-bit float, mono or stereo. Chunks other than `fmt ` and
* `data` are skipped, and a data chunk that claims more than the file holds (as streaming writers leave it) is
* read to the end of the file. Throws `ParleyError` `unsupported_audio` for anything else.
*/
function readWav(file) {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	if (file.length < 12 || readTag(view, 0) !== "RIFF" || readTag(view, 8) !== "WAVE") throw unsupported("This is not a WAV file.");
	let format;
	for (let at = 12; at + 8 <= file.length;) {
		const tag = readTag(view, at);
		const body = at + 8;
		const length = Math.min(view.getUint32(at + 4, true), file.length - body);
		if (tag === "fmt ") format = readFormat(view, body, length);
		if (tag === "data") {
			if (!format) throw unsupported("The WAV file has audio before its format.");
			return {
				rateHz: format.rateHz,
				samples: readSamples(view, body, length, format)
			};
		}
		at = body + length + length % 2;
	}
	throw unsupported("The WAV file has no audio.");
}
/** The same as PCM16; exact when the file is 16-bit mono. */
function readWavPcm16(file) {
	const { rateHz, samples } = readWav(file);
	return {
		rateHz,
		pcm16: float32ToPcm16(samples)
	};
}
function readFormat(view, at, length) {
	if (length < 16) throw unsupported("The format of the WAV file is cut short.");
	const tag = view.getUint16(at, true);
	const format = {
		tag: tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : tag,
		channels: view.getUint16(at + 2, true),
		rateHz: view.getUint32(at + 4, true),
		bits: view.getUint16(at + 14, true)
	};
	if (!(format.tag === INTEGER_PCM && [
		8,
		16,
		24,
		32
	].includes(format.bits) || format.tag === FLOAT_PCM && format.bits === 32) || format.channels < 1 || format.channels > 2 || format.rateHz === 0) throw unsupported("This kind of WAV file is not supported.", { ...format });
	return format;
}
function readSamples(view, at, length, format) {
	const { channels } = format;
	const read = sampleReader(view, format);
	const step = format.bits / 8;
	const samples = new Float32Array(Math.floor(length / (step * channels)));
	for (let i = 0; i < samples.length; i++) {
		let sum = 0;
		for (let channel = 0; channel < channels; channel++) sum += read(at + (i * channels + channel) * step);
		samples[i] = sum / channels;
	}
	return samples;
}
/** Reads the sample that begins at a byte, −1…1. */
function sampleReader(view, { tag, bits }) {
	if (tag === FLOAT_PCM) return (at) => view.getFloat32(at, true);
	switch (bits) {
		case 8: return (at) => (view.getUint8(at) - 128) / 128;
		case 16: return (at) => view.getInt16(at, true) / 2 ** 15;
		case 24: return (at) => (view.getUint8(at) | view.getInt16(at + 1, true) << 8) / 2 ** 23;
		default: return (at) => view.getInt32(at, true) / 2 ** 31;
	}
}
function readTag(view, at) {
	return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}
function unsupported(message, details = {}) {
	return new ParleyError("unsupported_audio", message, {
		kind: "invalid_argument",
		details
	});
}
export { pcm16DurationMs as a, toParleyError as c, rmsDbfs as i, decodeBase64 as l, SpeechEnergy as n, pcm16ToFloat32 as o, createResampler as r, ParleyError as s, readWavPcm16 as t, encodeBase64 as u };
