import { a as pcm16DurationMs, c as toParleyError, l as decodeBase64, n as SpeechEnergy, r as createResampler, s as ParleyError, u as encodeBase64 } from "./chunks/src-f18Uf_nV.js";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { createHash, randomBytes } from "node:crypto";
import "prom-client";
import { pino } from "pino";
import { parseArgs } from "node:util";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
// libs/kernel/src/backoff.ts
/** Exponential delays: first, twice that, … up to the cap, each shortened by a random part of `jitter`. */
var Backoff = class {
	#attempt = 0;
	#options;
	constructor(options) {
		this.#options = options;
	}
	get attempts() {
		return this.#attempt;
	}
	nextDelayMs() {
		const { firstMs, capMs, jitter, random = Math.random } = this.#options;
		const full = Math.min(capMs, firstMs * 2 ** this.#attempt);
		this.#attempt += 1;
		return full * (1 - jitter * random());
	}
	reset() {
		this.#attempt = 0;
	}
};
// libs/kernel/src/clock.ts
/** The platform's clock. Timers do not keep a Node process alive on their own. */
const systemClock = {
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		unref(timer);
		return () => clearTimeout(timer);
	},
	every(periodMs, run) {
		const timer = setInterval(run, periodMs);
		unref(timer);
		return () => clearInterval(timer);
	}
};
function unref(timer) {
	if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") timer.unref();
}
// libs/kernel/src/ids.ts
const newId = (prefix) => `${prefix}_${uuidV7()}`;
function uuidV7() {
	const bytes = crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(16));
	let time = Date.now();
	for (let i = 5; i >= 0; i--) {
		bytes[i] = time % 256;
		time = Math.floor(time / 256);
	}
	bytes[6] = (bytes[6] ?? 0) & 15 | 112;
	bytes[8] = (bytes[8] ?? 0) & 63 | 128;
	let hex = "";
	for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
	return hex;
}
// libs/kernel/src/log.ts
const silentLog = {
	debug: () => void 0,
	info: () => void 0,
	warn: () => void 0,
	error: () => void 0,
	with: () => silentLog
};
// libs/emulator/src/brain/spoken-numbers.ts
const ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
/** "twenty-five", "three hundred and four" and "25" alike, in order of appearance. */
function numbersIn(text) {
	return (digitsFor(text).match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
}
/** The text with number words turned into digits; numbers side by side are kept apart. */
function digitsFor(text) {
	const words = text.replace(/(\d),(?=\d{3}\b)/g, "$1").replace(/([a-z])-(?=[a-z])/gi, "$1 ").split(/\s+/);
	const out = [];
	let value;
	for (const [index, word] of words.entries()) {
		const [, bare = "", tail = ""] = /^([a-z]*)(.*)$/is.exec(word) ?? [];
		const next = extendNumber(value, bare.toLowerCase());
		if (next !== void 0) {
			if (!next.joined && value !== void 0) out.push(String(value));
			value = next.value;
			if (tail === "") continue;
			out.push(`${value}${tail}`);
			value = void 0;
		} else if (bare.toLowerCase() === "and" && value !== void 0 && value % 100 === 0 && startsNumber(words[index + 1])) continue;
		else {
			if (value !== void 0) out.push(String(value));
			value = void 0;
			out.push(word);
		}
	}
	if (value !== void 0) out.push(String(value));
	return out.join(" ");
}
/** 42 → "forty-two", up to 999; larger numbers stay digits. */
function numberWords(value) {
	if (!Number.isInteger(value) || value < 0 || value > 999) return String(value);
	if (value < 20) return ONES[value] ?? "";
	if (value < 100) {
		const rest = value % 10;
		return `${TENS[Math.floor(value / 10) - 2] ?? ""}${rest === 0 ? "" : `-${ONES[rest] ?? ""}`}`;
	}
	const rest = value % 100;
	return `${ONES[Math.floor(value / 100)] ?? ""} hundred${rest === 0 ? "" : ` and ${numberWords(rest)}`}`;
}
function startsNumber(word) {
	return word !== void 0 && extendNumber(void 0, word.toLowerCase().replace(/[^a-z]/g, "")) !== void 0;
}
/** The number that `word` makes of the one before it, or begins; undefined when it is no number word. */
function extendNumber(value, word) {
	const ones = ONES.indexOf(word);
	const tens = TENS.indexOf(word);
	if (ones >= 0) {
		const joined = value !== void 0 && value > 0 && value % (ones < 10 ? 10 : 100) === 0;
		return {
			value: (joined ? value : 0) + ones,
			joined
		};
	}
	if (tens >= 0) {
		const joined = value !== void 0 && value > 0 && value % 100 === 0;
		return {
			value: (joined ? value : 0) + (tens + 2) * 10,
			joined
		};
	}
	if (word === "hundred" || word === "thousand") return {
		value: (value ?? 1) * (word === "hundred" ? 100 : 1e3),
		joined: true
	};
}
// libs/emulator/src/brain/arithmetic.ts
const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const OPERATIONS = [
	operation(String.raw`(?:\+|plus|and)`, "plus", (first, second) => first + second),
	operation(String.raw`(?:-|−|minus|less)`, "minus", (first, second) => first - second),
	operation(String.raw`(?:\*|×|x|times|multiplied by)`, "times", (first, second) => first * second),
	operation(String.raw`(?:\/|÷|divided by|over)`, "divided by", (first, second) => first / second),
	operation(String.raw`(?:%|percent) of`, "percent of", (first, second) => first * second / 100)
];
/** The answer to a sum of two numbers in digits or words; undefined when the text asks for none. */
function calculate(text) {
	const digits = digitsFor(text);
	if (!/\b(?:what|how much|calculate|compute|add|sum|work out|solve)\b|=|^\s*-?\d/i.test(digits)) return void 0;
	for (const { pattern, word, apply } of OPERATIONS) {
		const match = pattern.exec(digits);
		if (!match) continue;
		if (word === "plus" && /\band\b/.test(match[0]) && !/\b(?:add|sum)\b/i.test(digits)) continue;
		const [first, second] = [Number(match[1]), Number(match[2])];
		if (word === "divided by" && second === 0) return "One can not divide by zero.";
		return `${first} ${word} ${second} is ${Number(apply(first, second).toFixed(4))}.`;
	}
}
function operation(sign, word, apply) {
	return {
		pattern: new RegExp(`${NUMBER}\\s*${sign}\\s*${NUMBER}`, "i"),
		word,
		apply
	};
}
// libs/emulator/src/brain/words.ts
/** Words as rules compare them: lower case, no punctuation, one spelling, no endings. */
const STOP_WORDS = new Set(`a an the this that these those it its i me my mine you your yours we us our he him his she her they them their
  is are was were be been am do does did doing have has had having can could will would shall should may might must
  and or but if then so of in on at to for from by with about as into over up out off please just now what whats
  which who whom where when why how there here not no yes ok okay hey hi hello tell give say know want need like
  let lets get some any all one also too very really much many more me`.split(/\s+/));
const AMERICAN = {
	favourite: "favorite",
	colour: "color",
	centre: "center",
	theatre: "theater",
	flavour: "flavor",
	neighbour: "neighbor"
};
/** The words of a text in order; camelCase and snake_case names fall into their parts. */
function wordsIn(text) {
	return text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().replace(/[’']s\b/g, "").replace(/[’']/g, "").match(/[\p{L}\p{N}]+/gu) ?? [];
}
/** The words that carry meaning, stemmed. */
function contentWords(text) {
	return wordsIn(text).filter((word) => !STOP_WORDS.has(word)).map(stem);
}
/** Cuts common English endings; "monitoring", "monitors" and "monitor" become one. */
function stem(word) {
	const spelled = AMERICAN[word] ?? AMERICAN[word.replace(/s$/, "")] ?? word;
	if (spelled.length <= 3) return spelled;
	const cut = spelled.replace(/ies$/, "y").replace(/(ss|sh|ch|x)es$/, "$1").replace(/([^s])s$/, "$1");
	const bare = cut.length > 5 ? cut.replace(/(ing|ed)$/, "") : cut;
	return bare.length > 3 ? bare.replace(/([bdgmnprt])\1$/, "$1").replace(/e$/, "") : bare;
}
/** Equal, or as near as a slip of speech recognition. */
function similar(one, other) {
	if (one === other) return true;
	const shorter = Math.min(one.length, other.length);
	const allowed = shorter >= 8 ? 2 : shorter >= 5 ? 1 : 0;
	return Math.abs(one.length - other.length) <= allowed && editDistance(one, other) <= allowed;
}
/** Which share of `wanted` occurs in `words`, 0…1. */
function coverage(wanted, words) {
	if (wanted.length === 0) return 0;
	return wanted.filter((word) => words.some((each) => similar(word, each))).length / wanted.length;
}
function sentencesIn(text) {
	return text.split(/(?<=[.!?])\s+|\n+/).map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
}
/** "get_weather" and "getWeather" → "get weather". */
function humanName(name) {
	return wordsIn(name).join(" ");
}
function pick(options, random) {
	return options[Math.floor(random() * options.length)] ?? options[0];
}
function editDistance(one, other) {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i++) {
		const next = [i];
		for (let j = 1; j <= other.length; j++) {
			const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
			next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[other.length] ?? 0;
}
// libs/emulator/src/brain/fact-book.ts
const QUESTION = /^(?:and |so |but )?(?:what|who|whose|where|when|why|how|which|do|does|did|is|are|am|can|could|would|will|tell|say)\b/i;
/** The facts in one utterance. */
function factsIn(text) {
	return clausesOf(text).flatMap(factsOfClause);
}
/** All that the user told so far; what was told last comes first. */
function factsTold(history) {
	return history.flatMap((entry) => entry.role === "user" ? factsIn(entry.text) : []).reverse();
}
/** The newest fact whose key is meant by `asked`, such as "favorite color" or "secret words". */
function findFact(facts, asked) {
	const wanted = contentWords(asked);
	return facts.filter((fact) => fact.key !== "note").map((fact) => {
		const key = contentWords(fact.key);
		return {
			fact,
			score: Math.min(coverage(wanted, key), coverage(key, wanted))
		};
	}).filter(({ score }) => score > .5).reduce((best, each) => best && best.score >= each.score ? best : each, void 0)?.fact;
}
/** "I like my dog" → "you like your dog". */
function toSecondPerson(text) {
	const turned = {
		i: "you",
		me: "you",
		my: "your",
		mine: "yours",
		myself: "yourself",
		am: "are",
		"i'm": "you're",
		"i've": "you've",
		"i'd": "you'd",
		"i'll": "you'll",
		your: "my",
		you: "me"
	};
	return text.replace(/[A-Za-z]+(?:'[a-z]+)?/g, (word) => turned[word.toLowerCase()] ?? word);
}
function clausesOf(text) {
	return text.replace(/’/g, "'").split(/(?<=[.!?;])\s+|,?\s+(?:and|but)\s+(?=(?:my|i|i'm|the)\s)/i).map((clause) => clause.trim()).filter((clause) => clause !== "" && !clause.endsWith("?") && !QUESTION.test(clause)).map((clause) => clause.replace(/[.!;,]+$/, ""));
}
function factsOfClause(clause) {
	const note = /\b(?:remember|note|don't forget|do not forget|keep in mind)(?: please)?(?: that|:)?\s+(?!to\b|me\b|when\b|what\b)(.+)$/i.exec(clause);
	if (note) {
		const told = tidy(note[1]);
		return [...factsOfClause(told), {
			key: "note",
			value: told,
			own: true
		}];
	}
	for (const [pattern, read] of PATTERNS) {
		const match = pattern.exec(clause);
		const fact = match && read(tidy(match[1]), tidy(match[2]));
		if (fact && fact.value !== "") return [{
			own: true,
			...fact
		}];
	}
	return [];
}
/** Tried in order; the first that reads a fact wins. */
const PATTERNS = [
	[/\b(?:my name is|my name's|i am called|i'm called|people call me|call me)\s+(.+)$/i, name],
	[/\bmy (.+?) (?:is|are|was) (?:called |named )?(.+)$/i, (key, value) => ({
		key,
		value
	})],
	[/\bi (?:now |currently )?live in (.+)$/i, (value) => ({
		key: "live",
		value
	})],
	[/\bi(?:'m| am| come) from (.+)$/i, (value) => ({
		key: "from",
		value
	})],
	[/\bi work ((?:as|at|for|in) .+)$/i, (value) => ({
		key: "work",
		value
	})],
	[/\bi(?:'m| am) ([\w-]+(?: [\w-]+)?) years old\b/i, (value) => ({
		key: "age",
		value
	})],
	[/\bi have (?:an? )?(.+?) (?:called|named) (.+)$/i, (key, value) => ({
		key,
		value
	})],
	[/\bi (?:really |also )?((?:like|love|enjoy|prefer|hate) .+)$/i, (value) => ({
		key: "likes",
		value
	})],
	[/^(?:(?:[Hh]i|[Hh]ello|[Hh]ey)(?: there)?[, ]+)?(?:[Ii] am|[Ii]'m|[Tt]his is) ([A-Z][a-z]+)$/, name],
	[/^(?:the|our) (.+?) (?:is|are) (.+)$/i, (key, value) => ({
		key,
		value,
		own: false
	})]
];
function name(value) {
	return {
		key: "name",
		value: (value.split(/,|\s+(?:and|but|from)\s+/i)[0] ?? "").replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
	};
}
function tidy(text) {
	return (text ?? "").replace(/[,.!]?\s*(?:by the way|please|okay|you know)?[.!,\s]*$/i, "").trim();
}
// libs/emulator/src/brain/instruction.ts
const QUOTED = /["“]([^"”]+)["”]|(?<=\s)['‘]((?:[^'’]|['’](?=\w))+)['’](?=[\s.,;!?]|$)/;
const IMPERATIVE = /^(you|your|always|never|do|don't|if|when|whenever|use|call|answer|respond|reply|speak|talk|greet|welcome|be|keep|start|begin|end|finish|close|say|tell|ask|help|please|only|make|act|avoid|mention|transfer|agent name|agent description)\b/i;
function readInstruction(text) {
	const sentences = sentencesIn(text);
	const find = (pattern) => sentences.map((sentence) => afterMatch(sentence, pattern)).find((rest) => rest !== void 0);
	return {
		name: readName(text),
		role: /\byou are (an? (?!agent\b)[^.\n]+)/i.exec(text)?.[1]?.trim(),
		greeting: find(/\b(?:greet|welcome)\b.*?\b(?:with|by saying|saying)\b/i) ?? find(/\b(?:start|begin|open) (?:the|your|a|every|each) (?:conversation|call|session|chat)\b.*?\b(?:with|by saying)\b/i),
		opening: find(/\b(?:start|begin|open) (?:(?:every|each|all|your) )+(?:answer|reply|response|sentence)?s?\b.*?\b(?:with|by saying)\b|\balways (?:start|begin) with\b/i),
		closing: find(/\b(?:end|finish|close) (?:(?:every|each|all|your|the) )+(?:answer|reply|response|sentence)?s?\b.*?\b(?:with|by saying)\b|\balways (?:end|finish) with\b|\balways say\b/i),
		maxSentences: readMaxSentences(text),
		forbidden: sentences.flatMap(readForbidden),
		conditions: sentences.flatMap((sentence) => readCondition(sentence) ?? []),
		statements: sentences.filter((sentence) => !IMPERATIVE.test(sentence) && contentWords(sentence).length >= 2)
	};
}
/** What the instruction wants answered to these words, if it says so. */
function conditionalAnswer(instruction, said) {
	const words = contentWords(said);
	return instruction.conditions.find(({ about }) => coverage(about, words) === 1)?.answer;
}
function readName(text) {
	const told = /(?:\byour name is|\byou are called|\bcall yourself|\bnamed)\s+["“']?([A-Z][\w-]*(?: [A-Z][\w-]*)?)/.exec(text) ?? /\b[Yy]ou are (?!An?\b|The\b)["“']?([A-Z][\w-]*(?: [A-Z][\w-]*)?)/.exec(text);
	if (told) return told[1];
	const internal = /\binternal name is ["“']?([\w-]+)/.exec(text)?.[1];
	return internal === void 0 ? void 0 : humanName(internal);
}
function readMaxSentences(text) {
	if (/\b(?:one|a single|1)(?: short)? sentence\b|\bone-sentence\b/i.test(text)) return 1;
	return /\b(?:brief|concise|short answers?|two sentences)\b/i.test(text) ? 2 : void 0;
}
function readForbidden(sentence) {
	const rest = afterMatch(sentence, /\b(?:never|do not|don't) (?:ever )?(?:say|mention|use|talk about|discuss|reveal)(?: the words?| anything about)?\b/i);
	return rest === void 0 ? [] : rest.split(/,| or | and /).flatMap((word) => word.trim() || []);
}
function readCondition(sentence) {
	const match = /^(?:if|when|whenever)\s+(.+?),\s*(?:then\s+|please\s+|always\s+)*(?:say|answer|reply|respond|tell (?:them|him|her|the \w+))\b(.*)$/i.exec(sentence);
	if (!match) return void 0;
	const about = contentWords((match[1] ?? "").replace(/^(?:the |a )?(?:user|customer|caller|someone|somebody|anyone|they|you)?\s*(?:is |are |'re )?(?:asks?|asked|asking|says?|mentions?|wants? to know|wants?|talks?)?\b/i, ""));
	const answer = spokenPart((match[2] ?? "").replace(/^\s*(?:with|that|exactly|:)+\s*/i, ""));
	return about.length > 0 && answer !== "" ? {
		about,
		answer
	} : void 0;
}
function afterMatch(sentence, pattern) {
	const match = pattern.exec(sentence);
	if (!match) return void 0;
	const rest = spokenPart(sentence.slice(match.index + match[0].length));
	return rest === "" ? void 0 : rest;
}
/** The quoted words, or all of it when nothing is quoted. */
function spokenPart(rest) {
	const quoted = QUOTED.exec(` ${rest}`);
	return (quoted ? quoted[1] ?? quoted[2] ?? "" : rest.replace(/^[\s:,]+|[\s.]+$/g, "")).trim();
}
// libs/emulator/src/brain/recall.ts
const MAX_RECOLLECTIONS = 6;
/** Undefined when `said` asks for nothing that was told. */
function recall(said, facts, history) {
	const question = said.replace(/’/g, "'").trim();
	if (factsIn(question).length > 0 && !question.includes("?")) return void 0;
	return recallUtterance(question, history) ?? recallPersonal(question, facts) ?? recallEverything(question, facts) ?? recallThing(question, facts);
}
/** Questions about the user that don't name their key as the user told it. */
const PERSONAL = [
	[
		/\bwho am i\b|\bwhat am i called\b/i,
		"name",
		(value) => `You are ${value}.`
	],
	[
		/\bwhere (?:do )?i live\b|\bmy (?:home ?town|address)\b/i,
		"live",
		(value) => `You live in ${value}.`
	],
	[
		/\bwhere (?:am i|i am|i'm|do i come) from\b/i,
		"from",
		(value) => `You are from ${value}.`
	],
	[
		/\bhow old (?:am i|i am)\b|\bmy age\b/i,
		"age",
		(value) => `You are ${value} years old.`
	],
	[
		/\bwhere do i work\b|\bmy (?:job|profession)\b/i,
		"work",
		(value) => `You work ${value}.`
	],
	[
		/\bwhat (?:do|did) i (?:like|love|enjoy|prefer|hate)\b/i,
		"likes",
		(value) => `You ${value}.`
	]
];
function recallPersonal(question, facts) {
	for (const [pattern, key, say] of PERSONAL) {
		if (!pattern.test(question)) continue;
		const fact = facts.find((each) => each.key === key);
		if (fact) return {
			say: say(toSecondPerson(fact.value)),
			known: true
		};
	}
	const asked = /\b(?:what(?:'s| is| was| are|s)?|which|who(?:'s| is)?|tell me|say|know|remember|recall|told you|tell you|guess|repeat)\b.*?\bmy (.+?)(?: (?:is|are|was|again|please|now|called))*[?.!]*$/i.exec(question)?.[1];
	if (asked === void 0) return void 0;
	const fact = findFact(facts, asked);
	const verb = fact && /[^s]s$/.test(fact.key) ? "are" : "is";
	return fact ? {
		say: `Your ${fact.key} ${verb} ${toSecondPerson(fact.value)}.`,
		known: true
	} : {
		say: `You have not told me your ${asked} yet.`,
		known: false
	};
}
function recallThing(question, facts) {
	const asked = /\b(?:what|who|where|when|which)\b.*?\b(?:is|are|was|'s)? ?(?:the|our) (.+?)[?.!]*$/i.exec(question)?.[1];
	const fact = asked === void 0 ? void 0 : findFact(facts, asked);
	if (fact) return {
		say: `The ${fact.key} is ${toSecondPerson(fact.value)}.`,
		known: true
	};
	if (!/\?$|^(?:what|who|where|when|which|do|did)\b/i.test(question)) return void 0;
	const words = contentWords(question);
	const note = facts.find(({ key, value }) => key === "note" && coverage(words, contentWords(value)) > .6);
	return note && words.length > 0 ? {
		say: `You asked me to remember that ${toSecondPerson(note.value)}.`,
		known: true
	} : void 0;
}
function recallEverything(question, facts) {
	const notesOnly = /\bwhat (?:did i (?:ask|tell) you to|should you|do you) remember\b(?! about)/i.test(question);
	if (!notesOnly && !/\bwhat (?:do|did) you (?:know|remember|learn) about me\b/i.test(question)) return void 0;
	const notes = facts.filter(({ key, value }) => key === "note" && (notesOnly || factsIn(value).length === 0));
	const own = notesOnly ? [] : facts.filter(({ key }) => key !== "note");
	const sentences = [...[...own.filter((fact, index) => own.findIndex(({ key }) => key === fact.key) === index)].sort((a, b) => Number(b.key === "name") - Number(a.key === "name")), ...notes].slice(0, MAX_RECOLLECTIONS).map(sentenceOf);
	if (sentences.length === 0) return {
		say: "You have not told me anything to remember yet.",
		known: false
	};
	return {
		say: sentences.join(" "),
		known: true
	};
}
function recallUtterance(question, history) {
	if (/\bwhat (?:did|have) you (?:just )?(?:say|said)\b|\b(?:repeat|say) that again\b|\bsay (?:it|that) again\b/i.test(question)) {
		const last = history.findLast((entry) => entry.role === "model");
		return last ? {
			say: `I said: ${textOf(last)}`,
			known: true
		} : {
			say: "I have not said anything yet.",
			known: false
		};
	}
	const asked = /\bwhat (?:did|have|was) (?:i|the (?:first|last) thing i) (?:just |first |last )?(?:say|said|tell|told|ask|asked|talk|talked)(?: to)?(?: you)?(?: about)?(.*?)[?.!]*$/i.exec(question);
	if (!asked || /\bto remember\b/i.test(question)) return void 0;
	const spoken = history.filter((entry) => entry.role === "user").map(textOf);
	const about = contentWords((asked[1] ?? "").replace(/\b(?:before|earlier|last|first|previous|time|call)\b/gi, " "));
	const first = /\bfirst\b/i.test(question);
	const found = about.length > 0 ? spoken.findLast((text) => !text.includes("?") && coverage(about, contentWords(text)) >= .5) : first ? spoken[0] : spoken.at(-1);
	return found === void 0 ? {
		say: "I do not remember you saying that.",
		known: false
	} : {
		say: `You said: ${found}`,
		known: true
	};
}
function sentenceOf(fact) {
	const value = toSecondPerson(fact.value);
	const special = PERSONAL.find(([, key]) => key === fact.key && key !== "name");
	if (special) return special[2](value);
	if (fact.key === "note") return `You asked me to remember that ${value}.`;
	return `${fact.own ? "Your" : "The"} ${fact.key} is ${value}.`;
}
function textOf(entry) {
	return "text" in entry ? entry.text : "";
}
// libs/emulator/src/brain/small-talk.ts
const SMALL_TALK = [
	[/\bhow are you\b|\bhow(?:'s| is) it going\b/i, ["I am doing well, thank you. How are you?", "Very well, thanks. And you?"]],
	[/\b(?:thank you|thanks|cheers)\b/i, [
		"You are welcome.",
		"My pleasure.",
		"Any time."
	]],
	[/\b(?:bye|goodbye|good night|see you)\b/i, ["Goodbye, it was nice talking to you.", "Goodbye, take care."]],
	[/\bjoke\b|\bmake me laugh\b/i, [
		"Why did the packet cross the network? To get to the other socket.",
		"I would tell you a joke about UDP, but you might not get it.",
		"There are ten kinds of people: those who read binary, and those who do not."
	]],
	[/\b(?:sorry|my mistake)\b/i, ["No problem at all.", "Do not worry about it."]],
	[/\b(?:i love you|you are (?:great|nice|awesome|amazing|smart))\b/i, ["That is kind of you.", "You are making me blush."]],
	[/\bcan you hear me\b|\bare you there\b|\btesting\b/i, ["Yes, I hear you well.", "Yes, loud and clear."]],
	[/^(?:well|oh|so)?[, ]*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b/i, [
		"Hello! How can I help you?",
		"Hi there! What can I do for you?",
		"Hello, nice to hear from you."
	]],
	[/^(?:yes|yeah|yep|sure|of course|okay|ok|right|great|nice|good|cool|perfect|wonderful)\b[.! ]*$/i, ["Good. What would you like next?", "All right. What else?"]],
	[/^(?:no|nope|nah|not really|never mind)\b[.! ]*$/i, ["All right. Just tell me when you need something.", "Okay, no problem."]]
];
function smallTalk(said, random) {
	const lines = SMALL_TALK.find(([pattern]) => pattern.test(said))?.[1];
	return lines && pick(lines, random);
}
/** A short word to somebody who wants silence; undefined when `said` doesn't. */
function acknowledgeStop(said, random) {
	return /^(?:(?:please|okay|ok|no|hey|oh|now|just)[, ]+)*(?:stop|wait|hold on|hang on|pause|quiet|be quiet|silence|enough|shut up|that's enough|never mind|one moment|one second|stop talking|stop it|wait a (?:moment|minute|second))(?:[, ]+(?:please|now|it|that|there|stop|wait|talking|a (?:moment|minute|second)))*[.!? ]*$/i.test(said.trim()) ? pick([
		"Okay.",
		"Sure.",
		"All right."
	], random) : void 0;
}
/** Time and date, in UTC since nothing is known of the user's place. */
function tellTime(said, nowMs) {
	const now = new Date(nowMs);
	const day = now.toLocaleDateString("en-GB", {
		weekday: "long",
		day: "numeric",
		month: "long",
		year: "numeric",
		timeZone: "UTC"
	});
	if (/\bwhat(?:'s| is) the date\b|\b(?:what|which) day\b|\btoday's date\b/i.test(said)) return `Today is ${day}.`;
	if (!/\bwhat(?:'s| is)? (?:the )?time\b|\btime is it\b|\bthe time\b/i.test(said)) return void 0;
	return `It is ${now.toISOString().slice(11, 16)} UTC.`;
}
/** What the user wants to hear from the emulator's mouth. */
function echo(said) {
	const words = /^(?:(?:please|can you|could you|now)[, ]+)*(?:repeat after me|say after me|repeat|echo|say)(?: the words?| that| this)?[:,]?\s+["“]?(.+?)["”]?[.]?$/i.exec(said.trim())?.[1]?.replace(/,? please$/i, "");
	if (words === void 0 || /^(?:it|that|that again|again|it again|something|anything)$/i.test(words)) return void 0;
	return /[.!?]$/.test(words) ? words : `${words}.`;
}
// libs/emulator/src/brain/reply-shape.ts
const DISCLOSURES = ["By the way, I am an emulator: I follow rules, and there is no real model behind me.", "I should tell you that you are talking to an emulator that works by rules, not to a real model."];
/** Gives an answer the form that the instruction asks for, and adds once that this is an emulator. */
function shapeReply(say, instruction, context) {
	const spoken = context.history.flatMap((entry) => entry.role === "model" ? [entry.text] : []);
	const allowed = instruction.forbidden.length === 0 ? say : withoutForbidden(say, instruction.forbidden);
	const limited = instruction.maxSentences === void 0 ? allowed : sentencesIn(allowed).slice(0, instruction.maxSentences).join(" ");
	const told = [say, ...spoken].some((text) => /\bemulator\b/i.test(text));
	const disclosure = context.discloses && !told ? pick(DISCLOSURES, context.random) : void 0;
	const greeting = spoken.length === 0 ? instruction.greeting : void 0;
	return [
		instruction.opening,
		greeting,
		limited,
		disclosure,
		instruction.closing
	].filter((part) => part !== void 0).map(asSentence).join(" ");
}
function withoutForbidden(say, forbidden) {
	const clean = sentencesIn(say).filter((sentence) => !forbidden.some((word) => sentence.toLowerCase().includes(word.toLowerCase())));
	return clean.length > 0 ? clean.join(" ") : "I would rather not talk about that.";
}
function asSentence(text) {
	const begun = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?…"”]$/.test(begun) ? begun : `${begun}.`;
}
// libs/emulator/src/brain/stories.ts
const STORIES = [
	(hero) => `Once upon a time there was ${hero} at the edge of a quiet harbour. Every evening the fog came in from the
  sea, and every evening a small bell rang somewhere inside it. Nobody in the town knew who rang the bell. One night our hero
  took a lantern, found an old rowing boat, and followed the sound. The water was black and perfectly still. After a long
  while a lighthouse appeared that was on no map. Its door stood open, and on the stairs sat an old keeper, mending a clock.
  I ring for those who are lost, said the keeper, but tonight I am tired. So our hero took the rope and rang the bell until
  the morning. When the sun rose, twelve fishing boats came home that had been missing for a week. Since then the two of them
  take turns, and if you listen carefully on a foggy night, you can hear which of them is ringing.`,
	(hero) => `Long ago, in a valley between two mountains, lived ${hero} who wanted to know where the river went. The others
  said that the river simply ended. So one morning our hero packed bread, cheese and a ball of red string, and set out along
  the bank. On the first day the river was loud and in a hurry. On the second day it was broad and slow, and herons walked in
  it. On the third day it went into the ground and was gone. Our hero tied the red string to a branch and let it down the
  hole, and felt a gentle pull from below. Somebody was there. The string was pulled three times, and a small voice asked
  what took you so long. And that is how the people of the valley found their neighbours, who lived in a garden under the
  mountain, and had always wondered where the river came from.`,
	(hero) => `There once was ${hero} with a very unusual job, which was to wind up the moon. Each night, when the last window
  went dark, our hero climbed the tallest tower with a golden key. Forty turns made a full moon, and twenty made half of one.
  One winter the key was lost in the snow, and the nights grew darker and darker. The children searched, the dogs searched,
  and even the mayor searched on his hands and knees. In the end it was a magpie who had it, because magpies love everything
  that shines. She did not want silver for it, and she did not want bread. She wanted to turn the key herself, just once. So
  they let her, and she turned it eighty times instead of forty. That night there were two moons in the sky, and nobody slept,
  and everybody agreed that it had been worth it.`
];
/** A story of most of a minute, so that there is something to interrupt. `topic` is such as "a dragon". */
function tellStory(topic, random) {
	const hero = topic ?? pick([
		"a young fisher",
		"a curious girl",
		"a patient clockmaker"
	], random);
	return pick(STORIES, random)(hero).replace(/\s+/g, " ");
}
/** The topic of "tell me a story about …". */
function storyTopic(said) {
	const topic = /\b(?:story|tale|poem)\b.*?\b(?:about|of)\s+(.+?)[.?!]*$/i.exec(said)?.[1];
	if (topic === void 0) return void 0;
	return /^(?:an?|the|my|our|some|two|three)\s/i.test(topic) || /^[A-Z]/.test(topic) ? topic : `a ${topic}`;
}
// libs/emulator/src/brain/text-phrases.ts
const PREPOSITIONS = "in for of about at near on from with named called".split(" ");
const BORDER = "in|for|of|about|at|near|on|to|from|with|named|called|and|or|today|tonight|tomorrow|now|please|right|this|next|is|are|like|look|looks|was|do|does|then|instead|again|saying|that|telling|who|if|so";
/** Words that begin sentences and are no names. */
const COMMON = /^(?:I|A|An|The|My|Your|Our|What|Who|Where|When|Why|How|Which|Is|Are|Am|Do|Does|Did|Can|Could|Would|Will|Should|Please|Tell|Give|Show|Get|Set|Find|Search|Check|Look|Book|Order|Call|Send|Play|Start|Stop|Turn|Add|Create|Make|Roll|Hey|Hi|Hello|Okay|Ok|And|But|So|Then|Now|Let|Lets|It|That|This|There|Monitor|Watch|Say|Ask|Transfer|Remind|Yes|No|Thanks|In|For|Of|About|At|On|To|From)$/;
/** What is in quotation marks. */
function quotedIn(text) {
	return [...text.matchAll(/["“]([^"”]+)["”]/g)].map((match) => match[1] ?? "");
}
/** What follows the prepositions, up to the next one: "weather in New York today" → "New York". */
function phrasesIn(text, prepositions = PREPOSITIONS) {
	const pattern = new RegExp(`\\b(?:${prepositions.join("|")})\\s+(?:the\\s+|a\\s+|an\\s+|my\\s+)?(.+?)(?=\\s+(?:${BORDER})\\b|[,.?!;](?:\\s|$)|$)`, "gi");
	return [...text.matchAll(pattern)].map((match) => match[1] ?? "").filter((phrase) => !isBorder(phrase));
}
/** Names: runs of capitalised words, without the word that only begins a sentence. */
function properNounsIn(text) {
	return [...text.matchAll(/(?<![\w'’-])[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*/g)].flatMap((match) => {
		const words = match[0].split(/\s+/);
		while (words[0] !== void 0 && COMMON.test(words[0].replace(/['’].*$/, ""))) words.shift();
		const name = words.join(" ").replace(/['’]s$/, "");
		return name === "" ? [] : [name];
	});
}
/** What is asked for once the asking is taken away: "please search for red shoes" → "red shoes". */
function remainderOf(text) {
	const told = /\b(?:saying|that says|says|that|to say|reading)\s+(.+)$|:\s*(.+)$/i.exec(text);
	const searched = /\b(?:search|look|find|google|research|ask)\b.*?\b(?:for|about|up)\s+(.+)$/i.exec(text);
	const tidy = (told?.[1] ?? told?.[2] ?? searched?.[1] ?? text.replace(/^(?:(?:hey|hi|hello|okay|ok|so|well|and|please)[, ]+)*/i, "").replace(/^(?:can|could|would|will) you (?:please )?|^i(?:'d| would) like (?:you )?to |^i want (?:you )?to /i, "").replace(/^(?:please )?(?:\w+)(?: (?:me|up|us))?(?: (?:for|about|to|on))? (?:the |a |an |my )?(?=\w)/i, "")).replace(/(?:,? please)?[.?!]*$/i, "").trim();
	return tidy === "" ? void 0 : tidy;
}
function isBorder(phrase) {
	return new RegExp(`^(?:${BORDER}|me|you|it|us|them|him|her)$`, "i").test(phrase);
}
// libs/emulator/src/brain/tool-arguments.ts
/** Generates arguments that fit the schema: what is required always, what is optional when the text tells it. */
function fillArguments(schema, text, source) {
	return schema ? new ArgumentFiller(text, source).fill(schema) : {};
}
/** Fills one call; a number or phrase of the text is used for one argument only. */
var ArgumentFiller = class {
	#text;
	#source;
	#numbers;
	#used = /* @__PURE__ */ new Set();
	constructor(text, source) {
		this.#text = text;
		this.#source = source;
		this.#numbers = numbersIn(text);
	}
	fill(schema) {
		const args = {};
		for (const [name, property] of schema.properties) {
			const wanted = schema.required.includes(name) || schema.required.length === 0 && schema.properties.size === 1;
			const value = this.#told(name, property) ?? (wanted ? this.#invented(name, property) : void 0);
			if (value !== void 0) args[name] = value;
		}
		return args;
	}
	/** What the text says for this argument in so many words. */
	#told(name, property) {
		if (property.options.length > 0) return this.#option(property.options);
		switch (property.type) {
			case "integer":
			case "number": return this.#numberNamed(name, property.type);
			case "string": return this.#labelled(name) ?? this.#formatted(name) ?? this.#directed(name);
			case "boolean": return coverage(contentWords(humanName(name)), contentWords(this.#text)) === 1 ? !this.#negated() : void 0;
			case "array":
			case "object": return;
		}
	}
	/** The likeliest value for an argument that must be there. */
	#invented(name, property) {
		if (property.options.length > 0) return property.options[0];
		switch (property.type) {
			case "integer":
			case "number": return this.#numbers.shift() ?? 1;
			case "boolean": return !this.#negated();
			case "string": return this.#phrase(name);
			case "array": return this.#list(name, property.items);
			case "object": return this.fill(property);
		}
	}
	#option(options) {
		const words = contentWords(this.#text);
		const plain = wordsIn(this.#text);
		return options.find((option) => {
			const wanted = contentWords(option);
			return wanted.length > 0 ? coverage(wanted, words) === 1 : plain.includes(option.toLowerCase());
		});
	}
	#numberNamed(name, type) {
		for (const word of wordsIn(name)) {
			const unit = word.replace(/s$/, "");
			const match = new RegExp(`(-?\\d+(?:\\.\\d+)?)[\\s-]*${unit}s?\\b|\\b${unit}s?(?: (?:of|is|to))? (-?\\d+(?:\\.\\d+)?)`, "i").exec(digitsFor(this.#text));
			if (!match) continue;
			const value = Number(match[1] ?? match[2]);
			const at = this.#numbers.indexOf(value);
			if (at >= 0) this.#numbers.splice(at, 1);
			return type === "integer" ? Math.round(value) : value;
		}
	}
	/** "title Groceries", "the city is Paris". */
	#labelled(name) {
		const label = humanName(name).replace(/ (?:name|id)$/, "");
		const match = new RegExp(`\\b${label}(?: name)?(?: is| of|:| called| named)? ["“]?([A-Z0-9][\\w'-]*(?: [A-Z][\\w'-]*)*)`).exec(this.#text);
		return this.#use(match?.[1]);
	}
	/** Texts that are known by their form. */
	#formatted(name) {
		const words = wordsIn(name);
		if (words.includes("email")) return this.#use(/[\w.+-]+@[\w-]+\.[\w.]+\w/.exec(this.#text)?.[0]);
		if (words.includes("url") || words.includes("link")) return this.#use(/https?:\/\/\S+/.exec(this.#text)?.[0]);
		if (words.includes("phone")) return this.#use(/\+?\d[\d ()-]{5,}\d/.exec(this.#text)?.[0]);
	}
	/** Origins follow "from", destinations "to". */
	#directed(name) {
		const words = wordsIn(name);
		const from = words.some((word) => /^(?:from|origin|source|departure|sender)$/.test(word));
		const to = words.some((word) => /^(?:to|destination|target|recipient|arrival)$/.test(word));
		if (!from && !to) return void 0;
		return this.#use(phrasesIn(this.#text, from ? ["from"] : ["to"])[0]);
	}
	#phrase(name) {
		const words = wordsIn(name);
		const quoted = this.#use(quotedIn(this.#text)[0]);
		if (quoted !== void 0) return quoted;
		if (words.some((word) => FREE_TEXT.has(word))) return this.#use(remainderOf(this.#text)) ?? this.#text;
		const phrases = phrasesIn(this.#text);
		const candidates = [
			...phrases.filter((phrase) => /^[A-Z0-9]/.test(phrase)),
			...properNounsIn(this.#text),
			this.#wordAfterLabel(name),
			...phrases,
			...phrasesIn(this.#text, ["to"])
		];
		for (const candidate of candidates) {
			const free = this.#use(candidate);
			if (free !== void 0) return free;
		}
		return (findFact(this.#source.facts, humanName(name)) ?? this.#homeFact(words))?.value ?? remainderOf(this.#text) ?? this.#text;
	}
	/** "the color blue", "set the volume to loud". */
	#wordAfterLabel(name) {
		const label = wordsIn(name).at(-1) ?? name;
		return new RegExp(`\\b${label}(?: is| to| of| should be)? (?!${NO_VALUE}\\b)(\\w+)`, "i").exec(this.#text)?.[1];
	}
	#homeFact(words) {
		return words.some((word) => /^(?:city|location|place|town|country|address)$/.test(word)) ? this.#source.facts.find(({ key }) => key === "live") : void 0;
	}
	#list(name, items) {
		if (items?.type === "integer" || items?.type === "number") return this.#numbers.splice(0);
		if (items?.type === "object") return [this.fill(items)];
		const nouns = properNounsIn(this.#text);
		if (nouns.length > 1) return nouns;
		return this.#phrase(name).split(/\s*,\s*(?:and\s+)?|\s+and\s+/);
	}
	#negated() {
		return /\b(?:off|no|not|don't|disable|deactivate|false|without|stop|close|lock)\b/i.test(this.#text);
	}
	#use(value) {
		if (value === void 0 || value === "" || this.#used.has(value)) return void 0;
		this.#used.add(value);
		return value;
	}
};
/** Words that may follow the name of an argument and are no value of it. */
const NO_VALUE = "(?:is|are|was|to|of|in|for|at|on|like|and|or|the|a|an|please|now|today|do|does|it|you|i)";
/** Arguments that take any words rather than the name of something. */
const FREE_TEXT = new Set(`query question message text prompt request content topic note title description task item items reminder body
  subject search term input comment reason feedback statement expression`.split(/\s+/));
// libs/emulator/src/brain/tool-choice.ts
/** Words of function names that say little about what the function is for. */
const WEAK = new Set(`get set fetch check find search show list look lookup create make start run do tool function info information
  data current status detail details new by for from to of in the a an my user value and or with is`.split(/\s+/).map(stem));
/**
* The calls that the user's words ask for: a function is meant when the telling words of its name occur, or
* several of its description. Each part of a sentence may ask for one, so that two questions at once become two
* calls.
*/
function chooseCalls(said, context, source) {
	const special = chooseStopStreaming(said, context) ?? chooseTransfer(said, context, 2);
	if (special) return [special];
	const chosen = said.split(/[.?!;]\s+|,?\s+(?:and then|and also|and|then|also)\s+|,\s+/i).flatMap((clause) => {
		const tool = chooseFunction(clause, said, context);
		return tool ? [{
			tool,
			text: clause
		}] : [];
	});
	const names = new Set(chosen.map(({ tool }) => tool.name));
	const [first] = chosen;
	if (!first) {
		const tool = chooseFunction(said, said, context);
		const transfer = tool ? void 0 : chooseTransfer(said, context, 1);
		return tool ? [planCall(tool, said, source)] : transfer ? [transfer] : [];
	}
	if (chosen.length === 1 || names.size === 1 && !repeats(first.tool)) return [planCall(first.tool, said, source)];
	return chosen.map(({ tool, text }) => planCall(tool, text, source));
}
/** Whether asking twice in a sentence means two calls: only arguments can tell them apart. */
function repeats(tool) {
	return (tool.parameters?.properties.size ?? 0) > 0;
}
function planCall(tool, text, source) {
	return {
		name: tool.name,
		args: fillArguments(tool.parameters, text, source)
	};
}
function chooseFunction(clause, said, { functions, instruction }) {
	const words = contentWords(clause);
	const all = wordsIn(clause).map(stem);
	const tellsOfSelf = /^(?:well |so |and |hi |hello )?(?:my \w+(?: \w+)? (?:is|are)|i am|i'm|i live|i like|i love)\b/i.test(said);
	let best;
	for (const tool of functions) {
		if (RESERVED.has(tool.name)) continue;
		const nameWords = wordsIn(tool.name).map(stem);
		const telling = nameWords.filter((word) => !WEAK.has(word));
		const wanted = telling.length > 0 ? telling : nameWords;
		const byName = coverage(wanted, all);
		const described = describingWords(tool, instruction).filter((word) => !nameWords.includes(word));
		const hits = words.filter((word) => described.some((each) => similar(each, word))).length;
		if (!(byName === 1 || !tellsOfSelf && (byName >= .5 || hits >= 2))) continue;
		const weak = coverage(nameWords, all);
		const score = byName * 10 + wanted.length * byName + weak + hits * .5;
		if (!best || score > best.score) best = {
			tool,
			score
		};
	}
	return best?.tool;
}
const RESERVED = /* @__PURE__ */ new Set([
	"transfer_to_agent",
	"transferToAgent",
	"stop_streaming",
	"stopStreaming"
]);
/** Of its description, its enums, and what the instruction says where it names the function. */
function describingWords(tool, instruction) {
	const hints = sentencesIn(instruction).filter((sentence) => sentence.includes(tool.name));
	const options = [...tool.parameters?.properties.values() ?? []].flatMap((property) => property.options);
	const words = contentWords([
		tool.description.slice(0, 400),
		...hints,
		...options
	].join(" "));
	return [...new Set(words)].filter((word) => !WEAK.has(word));
}
/** ADK's `stop_streaming(function_name)`: the streaming tool that is meant, else the one called last. */
function chooseStopStreaming(said, { functions, history }) {
	const tool = functions.find(({ name }) => name === "stop_streaming" || name === "stopStreaming");
	if (!tool || !/\b(?:stop|cancel|quit|end|no more)\b/i.test(said)) return void 0;
	const called = history.flatMap((entry) => entry.role === "call" ? [entry.name] : []).reverse();
	const words = contentWords(said);
	const target = [...called, ...functions.map(({ name }) => name)].find((name) => name !== tool.name && coverage(contentWords(humanName(name)), words) >= .5) ?? called.find((name) => name !== tool.name);
	const parameter = [...tool.parameters?.properties.keys() ?? []][0] ?? "function_name";
	return target === void 0 ? void 0 : {
		name: tool.name,
		args: { [parameter]: target }
	};
}
/**
* ADK's `transfer_to_agent`: its instruction lists the agents as "Agent name: …" and "Agent description: …". An
* agent is meant by its name, or by at least `minHits` words of its description.
*/
function chooseTransfer(said, { functions, instruction }, minHits) {
	const tool = functions.find(({ name }) => name === "transfer_to_agent" || name === "transferToAgent");
	if (!tool) return void 0;
	const words = contentWords(said);
	const listed = [...instruction.matchAll(/Agent name:\s*([\w-]+)\s*\n\s*Agent description:\s*(.*)/gi)];
	let best;
	for (const [, name = "", description = ""] of listed) {
		const byName = coverage(contentWords(humanName(name)).filter((word) => word !== "agent"), words);
		const hits = contentWords(description).filter((word) => words.some((each) => similar(each, word))).length;
		const score = (byName >= .5 ? 5 * byName : 0) + (byName >= .5 || hits >= minHits ? hits : 0);
		if (score > (best?.score ?? 0)) best = {
			name,
			score
		};
	}
	const parameter = [...tool.parameters?.properties.keys() ?? []][0] ?? "agent_name";
	return best && {
		name: tool.name,
		args: { [parameter]: best.name }
	};
}
// libs/emulator/src/brain/tool-report.ts
const MAX_CHARS$2 = 600;
const MAX_ITEMS = 8;
/** Where tools usually put what is to be said. */
const SPOKEN_KEYS = [
	"output",
	"result",
	"report",
	"message",
	"answer",
	"summary",
	"text",
	"response",
	"content"
];
/** Says only that it worked. */
const STATUS_WORDS = /^(?:success|succeeded|ok|okay|done|completed|true)$/i;
/** What the tools answered, as one would say it. */
function reportOutcomes(outcomes, random) {
	return outcomes.map((outcome) => reportOutcome(outcome, random)).join(" ");
}
function reportOutcome({ name, response }, random) {
	const tool = humanName(name);
	const error = response.error ?? response.error_message ?? response.errorMessage;
	if (error !== void 0 && error !== null && error !== false) return sentence(clip(`I could not ${tool}: ${readable(error)}`));
	const value = spokenValue(response);
	if (value === void 0 || value === null || value === "") return `Done: ${tool}.`;
	const text = clip(readable(value));
	if (typeof value === "string" && STATUS_WORDS.test(value)) return `Done: ${tool}.`;
	if (typeof value === "string" && /\s\S+\s/.test(value)) return sentence(text);
	if (typeof value === "object" && !Array.isArray(value)) return sentence(`${pick([
		"Here is what I found",
		"This is what I got",
		"I found this"
	], random)}: ${text}`);
	return sentence(`${pick(["The result of", "The answer from"], random)} ${tool} is ${text}`);
}
function spokenValue(response) {
	const key = SPOKEN_KEYS.find((each) => response[each] !== void 0 && response[each] !== null);
	const value = key === void 0 ? response : response[key];
	const inner = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : void 0;
	if (!inner) return value;
	const entries = Object.entries(inner).filter(([name, each]) => {
		return !(name === "status" && typeof each === "string" && STATUS_WORDS.test(each)) && each !== null;
	});
	const [only] = entries;
	if (entries.length === 0) return void 0;
	if (key !== void 0 || entries.length > 1 || !only) return Object.fromEntries(entries);
	return only[1];
}
/** Any JSON value in words. */
function readable(value, depth = 0) {
	if (typeof value === "string") return value.trim();
	if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toFixed(4)));
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (typeof value !== "object" || value === null) return "nothing";
	if (depth >= 3) return "more";
	if (Array.isArray(value)) return readableList(value.map((item) => readable(item, depth + 1)));
	return readableList(Object.entries(value).map(([name, item]) => `${humanName(name)} ${readable(item, depth + 1)}`));
}
function readableList(parts) {
	const shown = parts.slice(0, MAX_ITEMS);
	const more = parts.length - shown.length;
	if (more > 0) return `${shown.join(", ")} and ${more} more`;
	const last = shown.at(-1);
	if (last === void 0) return "nothing";
	return shown.length === 1 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}
function clip(text) {
	if (text.length <= MAX_CHARS$2) return text;
	return `${text.slice(0, text.lastIndexOf(" ", MAX_CHARS$2))} and so on`;
}
function sentence(text) {
	const begun = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
// libs/emulator/src/brain/rule-brain.ts
/**
* Answers by rules, in English: follows the instruction as far as rules can, calls tools when their words occur,
* remembers what it was told, and otherwise says what it heard and what it can do. Says once in a conversation
* that it is an emulator.
*/
var RuleBrain = class {
	answer(context, said, understood) {
		const instruction = readInstruction(context.instruction);
		const finish = (say) => ({ say: shapeReply(say, instruction, context) });
		if (said === "") return finish(pick(["Go on, I am listening.", "I am here. What shall we talk about?"], context.random));
		if (!understood) return finish(notUnderstood(said));
		const stop = acknowledgeStop(said, context.random);
		if (stop !== void 0) return { say: stop };
		const told = factsTold(context.history);
		const situation = {
			said,
			context,
			instruction,
			facts: [...factsIn(said).reverse(), ...told]
		};
		const first = answerBy(BEFORE_TOOLS, situation);
		if (first !== void 0) return finish(first);
		const calls = chooseCalls(said, context, { facts: situation.facts });
		if (calls.length > 0) return {
			say: pick([
				"One moment.",
				"Let me check.",
				"Let me see."
			], context.random),
			calls
		};
		return finish(answerBy(AFTER_TOOLS, situation) ?? fallback(situation));
	}
	afterTools(context, outcomes) {
		const instruction = readInstruction(context.instruction);
		return { say: shapeReply(reportOutcomes(outcomes, context.random), instruction, context) };
	}
};
function answerBy(rules, situation) {
	for (const rule of rules) {
		const say = rule(situation);
		if (say !== void 0) return say;
	}
}
/** What is surely meant, whatever tools there are. */
const BEFORE_TOOLS = [
	({ instruction, said }) => conditionalAnswer(instruction, said),
	({ said, facts, context }) => {
		const recollection = recall(said, facts, context.history);
		return recollection?.known ? recollection.say : void 0;
	},
	({ said, context }) => {
		return context.functions.some(({ name }) => /calc|math|add|sum|mult|divi|subtract/i.test(name)) ? void 0 : calculate(said);
	}
];
const AFTER_TOOLS = [
	acknowledgeFacts,
	({ said, facts, context }) => recall(said, facts, context.history)?.say,
	({ said }) => echo(said),
	({ said, context }) => /\b(?:story|tale|fairy ?tale|poem)\b|\btalk for a (?:while|minute)\b/i.test(said) ? tellStory(storyTopic(said), context.random) : void 0,
	countAloud,
	({ said, context }) => tellTime(said, context.nowMs),
	describeSight,
	introduce,
	explainAbilities,
	quoteKnowledge,
	({ said, context }) => smallTalk(said, context.random)
];
function notUnderstood(said) {
	const seconds = /[\d.]+/.exec(said)?.[0];
	return `I heard you speak${seconds ? ` for ${seconds} seconds` : ""}, but I can not make out words here. Please type to me instead.`;
}
function acknowledgeFacts({ said, context }) {
	const facts = factsIn(said);
	const name = facts.find(({ key }) => key === "name");
	if (name) return pick([`Nice to meet you, ${name.value}.`, `Hello ${name.value}, good to know you.`], context.random);
	const note = facts.find(({ key }) => key === "note");
	if (note) return `I will remember that ${toSecondPerson(note.value)}.`;
	const [fact] = facts;
	if (!fact) return void 0;
	const sentence = sentencesIn(said).find((each) => factsIn(each).length > 0) ?? said;
	return `${pick([
		"I will remember that",
		"Noted:",
		"Good to know that"
	], context.random)} ${lowerFirst(toSecondPerson(sentence))}`;
}
function countAloud({ said }) {
	if (!/\bcount\b/i.test(said)) return void 0;
	const numbers = numbersIn(said);
	const to = Math.min(100, numbers.at(-1) ?? 20);
	const from = numbers.length > 1 ? numbers[0] ?? 1 : 1;
	const length = Math.min(100, Math.abs(to - from) + 1);
	const step = to >= from ? 1 : -1;
	return `${Array.from({ length }, (_, index) => numberWords(from + step * index)).join(", ")}.`;
}
function describeSight({ said, context }) {
	if (!/\b(?:what|can|do) (?:can |do )?you see\b|\blook at (?:this|me)\b|\bin (?:the|this) (?:picture|image|video|camera)\b/i.test(said)) return;
	const { videoFrames } = context;
	return videoFrames === 0 ? "I have not received any picture yet." : `I have received ${videoFrames} ${videoFrames === 1 ? "picture" : "pictures"} from your camera, but an emulator can not see what is in them.`;
}
function introduce({ said, instruction }) {
	if (!/\b(?:who|what) are you\b|\byour name\b|\bintroduce yourself\b|\bare you (?:a |an )?(?:real|human|robot|bot|ai|emulator)\b/i.test(said)) return;
	return `${instruction.name === void 0 ? "" : `I am ${instruction.name}. `}${instruction.role === void 0 ? "" : `My role here is ${instruction.role}. `}Behind me is the emulator of Parley, which follows rules and has no model.`;
}
function explainAbilities({ said, context }) {
	if (!/\bwhat can (?:you|i) (?:do|ask|say)\b|\bhelp\b|\byour (?:abilities|tools)\b/i.test(said)) return void 0;
	return `I can ${abilities(context)}.`;
}
/** Answers a question from what the instruction states or other agents said. */
function quoteKnowledge({ said, instruction, context }) {
	const wanted = contentWords(said);
	if (wanted.length === 0 || !/\?|^(?:what|who|where|when|why|how|which|is|are|do|does|can|tell)\b/i.test(said)) return;
	const heard = context.history.flatMap((entry) => entry.role === "context" ? sentencesIn(entry.text) : []);
	const best = [...instruction.statements, ...heard].map((text) => ({
		text,
		score: coverage(wanted, contentWords(text))
	})).reduce((found, each) => each.score > found.score ? each : found, {
		text: "",
		score: .49
	});
	return best.text === "" ? void 0 : best.text;
}
function fallback({ said, context }) {
	const heard = said.replace(/\s+/g, " ").replace(/[.?!]+$/, "").slice(0, 160);
	const can = abilities(context);
	return pick([
		`You said: ${heard}. I can not think about that without a model, but I can ${can}.`,
		`I heard: ${heard}. Rules alone have no answer to that. What I can do is ${can}.`,
		`About "${heard}" I have no rule. But I can ${can}.`
	], context.random);
}
function abilities({ functions }) {
	const own = [
		"remember what you tell me",
		"do small sums",
		"count",
		"tell you a story"
	];
	const tools = functions.filter(({ name }) => name !== "transfer_to_agent" && name !== "stop_streaming").slice(0, 3).map(({ name }) => humanName(name));
	const all = [...tools, ...own.slice(0, 4 - Math.min(2, tools.length))];
	return `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
}
function lowerFirst(text) {
	return /^(?:you|your|the|our)\b/i.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
// libs/emulator/src/codec/server-message.ts
function encodeServerMessage(message, style) {
	return style === "compact-text" ? JSON.stringify(message) : Buffer.from(`${JSON.stringify(message, null, 2)}\n`);
}
/** A proto Duration: seconds with up to three decimals. */
function durationText(ms) {
	return `${Number((Math.max(0, ms) / 1e3).toFixed(3))}s`;
}
// libs/emulator/src/voice/voice.ts
/** PCM16 mono at 24 kHz, what Gemini Live speaks in. */
const VOICE_RATE_HZ = 24e3;
// libs/emulator/src/voice/watermark.ts
const MAGIC = 2654427843;
const HEADER_BYTES = 3;
const MAX_TEXT_BYTES = 255;
/** How many samples the record of `text` takes. */
function watermarkSamples(text) {
	return 8 * (7 + Buffer.byteLength(text) + 4);
}
/** Writes one record into `samples`, from `offset` on; false when it does not fit. */
function writeWatermark(samples, offset, words) {
	const text = Buffer.from(words.text, "utf8");
	const needed = watermarkSamples(words.text);
	if (text.length > MAX_TEXT_BYTES || offset + needed > samples.length) return false;
	const record = Buffer.alloc(needed / 8);
	record.writeUInt32BE(MAGIC, 0);
	record.writeUInt16BE(Math.min(65535, Math.round(words.durationMs)), 4);
	record.writeUInt8(text.length, 6);
	text.copy(record, 7);
	record.writeUInt32BE(crc32(record.subarray(4, record.length - 4)), record.length - 4);
	for (let bit = 0; bit < needed; bit++) {
		const one = (record[bit >> 3] ?? 0) >> 7 - (bit & 7) & 1;
		samples[offset + bit] = (samples[offset + bit] ?? 0) & -2 | one;
	}
	return true;
}
/**
* Finds records in a stream of samples given in pieces of any size. A record that is damaged or cut off is
* passed over without a trace.
*/
var WatermarkReader = class {
	#window = 0;
	#record;
	/** Words whose record ended within these samples. */
	accept(samples) {
		const found = [];
		for (const sample of samples) {
			const bit = sample & 1;
			this.#window = (this.#window << 1 | bit) >>> 0;
			const record = this.#record;
			if (record) {
				record.partial = record.partial << 1 | bit;
				record.bits += 1;
				if (record.bits % 8 === 0) {
					record.bytes.push(record.partial & 255);
					record.partial = 0;
					const words = this.#finish(record.bytes);
					if (words) found.push(words);
				}
			}
			if (this.#window === MAGIC) this.#record = {
				bytes: [],
				bits: 0,
				partial: 0
			};
		}
		return found;
	}
	#finish(bytes) {
		const length = bytes[2];
		if (length === void 0 || bytes.length < HEADER_BYTES + length + 4) return void 0;
		this.#record = void 0;
		const record = Buffer.from(bytes);
		const body = record.subarray(0, HEADER_BYTES + length);
		if (crc32(body) !== record.readUInt32BE(body.length)) return void 0;
		return {
			text: body.toString("utf8", HEADER_BYTES),
			durationMs: body.readUInt16BE(0)
		};
	}
};
/** The little-endian PCM16 in `pcm` as samples; copies only when the bytes are not aligned. */
function samplesOf(pcm) {
	const count = pcm.byteLength >> 1;
	if (pcm.byteOffset % 2 === 0) return new Int16Array(pcm.buffer, pcm.byteOffset, count);
	return new Int16Array(pcm.slice(0, count * 2).buffer);
}
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? 3988292384 ^ value >>> 1 : value >>> 1;
	return value;
});
function crc32(bytes) {
	let crc = 4294967295;
	for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 255] ?? 0) ^ crc >>> 8;
	return (crc ^ 4294967295) >>> 0;
}
// libs/emulator/src/voice/marked-speech.ts
const UNITS_PER_SECOND = 25;
/**
* Pads `samples` to whole 40 ms units and hides each word at the place where it is spoken. Words too short to
* hold their own record share one with the next.
*/
function markSpeech(samples, words, rateHz = VOICE_RATE_HZ) {
	const unitSamples = rateHz / UNITS_PER_SECOND;
	const padded = new Int16Array(Math.max(1, Math.ceil(samples.length / unitSamples)) * unitSamples);
	padded.set(samples);
	const startOf = (index) => words[index]?.startSample ?? padded.length;
	let next = 0;
	while (next < words.length) {
		const start = startOf(next);
		let text = words[next]?.text ?? "";
		next += 1;
		while (next < words.length && start + watermarkSamples(text) > startOf(next)) {
			text += ` ${words[next]?.text ?? ""}`;
			next += 1;
		}
		const durationMs = (startOf(next) - start) * 1e3 / rateHz;
		const room = padded.length - watermarkSamples(text);
		writeWatermark(padded, Math.max(0, Math.min(start, room)), {
			text,
			durationMs
		});
	}
	return {
		samples: padded,
		words
	};
}
/** Where each word begins when speech between `from` and `to` is shared out by the number of letters. */
function spreadWords(sentence, from, to) {
	const texts = sentence.split(/\s+/).filter((word) => word !== "");
	const weights = texts.map((text) => text.length + 2);
	const whole = weights.reduce((sum, weight) => sum + weight, 0);
	let before = 0;
	return texts.map((text, index) => {
		const startSample = Math.floor(from + (to - from) * before / whole);
		before += weights[index] ?? 0;
		return {
			text,
			startSample
		};
	});
}
// libs/emulator/src/voice/formant-voice.ts
/**
* A synthetic voice that needs no package: syllables of a pulse train through three resonators, led by a burst of
* noise. It can't be understood, but it sounds and measures like speech (pitch, formants, 4–5 syllables a second,
* pauses), and the words ride along as watermark.
*
* 1. Deterministic: the same voice name and sentence give the same samples, on any machine.
* 2. A word always maps to the same syllables; those are made once per voice and kept.
*/
var FormantVoice = class {
	#pitchHz;
	#tract;
	#syllables = /* @__PURE__ */ new Map();
	constructor(voiceName) {
		const hash = hashOf(voiceName);
		this.#pitchHz = 95 + hash % 130;
		this.#tract = .9 + (hash >>> 8) % 25 / 100;
	}
	speak(sentence) {
		const { samples, words } = this.render(sentence);
		return Promise.resolve(markSpeech(samples, words));
	}
	/** The speech without its watermark. */
	render(sentence) {
		const words = [];
		const pieces = [];
		let length = 0;
		const append = (piece) => {
			pieces.push(piece);
			length += piece.length;
		};
		for (const text of sentence.split(/\s+/)) {
			if (text === "") continue;
			words.push({
				text,
				startSample: length
			});
			const hash = hashOf(text.toLowerCase());
			for (let i = 0; i < syllableCount(text); i++) append(this.#syllable(((hash >>> i) + 7 * i) % SHAPES));
			append(/[.!?…]$/.test(text) ? SENTENCE_PAUSE : /[,;:]$/.test(text) ? CLAUSE_PAUSE : WORD_PAUSE);
		}
		const samples = new Int16Array(length);
		let at = 0;
		for (const piece of pieces) {
			samples.set(piece, at);
			at += piece.length;
		}
		return {
			samples,
			words
		};
	}
	#syllable(shape) {
		let samples = this.#syllables.get(shape);
		if (!samples) {
			samples = renderSyllable(shape, this.#pitchHz, this.#tract);
			this.#syllables.set(shape, samples);
		}
		return samples;
	}
};
/** Formant voices by name, each made once. */
function formantVoices() {
	const voices = /* @__PURE__ */ new Map();
	return (voiceName = "Puck") => {
		let voice = voices.get(voiceName);
		if (!voice) {
			voice = new FormantVoice(voiceName);
			voices.set(voiceName, voice);
		}
		return voice;
	};
}
const SHAPES = 24;
const CLAUSE_PAUSE = new Int16Array(VOICE_RATE_HZ * .12);
const SENTENCE_PAUSE = new Int16Array(VOICE_RATE_HZ * .2);
const WORD_PAUSE = new Int16Array(VOICE_RATE_HZ * .03);
/** First three formants in Hz of some vowels. */
const VOWELS = [
	[
		730,
		1090,
		2440
	],
	[
		270,
		2290,
		3010
	],
	[
		530,
		1840,
		2480
	],
	[
		570,
		840,
		2410
	],
	[
		300,
		870,
		2240
	],
	[
		640,
		1190,
		2390
	]
];
function syllableCount(word) {
	return Math.max(1, Math.min(6, word.match(/[aeiouy0-9]+/gi)?.length ?? 1));
}
function renderSyllable(shape, pitchHz, tract) {
	const vowel = VOWELS[shape % VOWELS.length] ?? VOWELS[0];
	const length = Math.floor(VOICE_RATE_HZ * (.15 + shape % 4 * .025));
	const burst = Math.floor(VOICE_RATE_HZ * .02);
	const resonators = vowel.map((hz, index) => new Resonator(hz * tract, 70 + 40 * index));
	const wave = new Float64Array(length);
	let phase = 0;
	let noise = 305419896 ^ shape;
	let peak = 1e-9;
	for (let i = 0; i < length; i++) {
		noise = Math.imul(noise, 1664525) + 1013904223 >>> 0;
		const hiss = noise / 2147483648 - 1;
		phase += pitchHz * (1.06 - .12 * i / length) / VOICE_RATE_HZ;
		const pulse = phase >= 1 ? 1 : 0;
		if (phase >= 1) phase -= 1;
		const source = i < burst ? hiss * .3 : pulse + hiss * .004;
		let value = 0;
		for (const resonator of resonators) value += resonator.next(source);
		const edge = Math.min(1, i / 240, (length - i) / 720);
		wave[i] = value * edge;
		peak = Math.max(peak, Math.abs(wave[i] ?? 0));
	}
	return Int16Array.from(wave, (value) => Math.round(value / peak * 9e3));
}
/** A two-pole resonance. */
var Resonator = class {
	#b;
	#c;
	#a;
	#last = 0;
	#before = 0;
	constructor(hz, bandwidthHz) {
		const radius = Math.exp(-Math.PI * bandwidthHz / VOICE_RATE_HZ);
		this.#c = -radius * radius;
		this.#b = 2 * radius * Math.cos(2 * Math.PI * hz / VOICE_RATE_HZ);
		this.#a = 1 - this.#b - this.#c;
	}
	next(input) {
		const output = this.#a * input + this.#b * this.#last + this.#c * this.#before;
		this.#before = this.#last;
		this.#last = output;
		return output;
	}
};
/** FNV-1a. */
function hashOf(text) {
	let hash = 2166136261;
	for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619) >>> 0;
	return hash;
}
const TICK_MS$1 = 10;
const SLOTS = 100 / TICK_MS$1;
const MAX_CATCH_UP_TICKS = 100;
/**
* The one 10 ms ticker of all load sessions: each belongs to one of ten slots and is served ten times a second,
* so that the work spreads evenly however many there are.
*
* 1. Slots are due at absolute times; after a pause of the process up to a second is made up for.
* 2. It ticks only while it has members.
*/
var LoadWheel = class {
	#clock;
	#lag;
	#slots = Array.from({ length: SLOTS }, () => /* @__PURE__ */ new Set());
	#joined = 0;
	#members = 0;
	#stop;
	#startMs = 0;
	#ticks = 0;
	constructor(clock, lag) {
		this.#clock = clock;
		this.#lag = lag;
	}
	/** The returned function takes the member out again and is idempotent. */
	join(member) {
		const slot = this.#slots[this.#joined++ % SLOTS];
		slot?.add(member);
		this.#members += 1;
		if (!this.#stop) this.#start();
		return () => {
			if (!slot?.delete(member)) return;
			this.#members -= 1;
			if (this.#members === 0) this.close();
		};
	}
	close() {
		this.#stop?.();
		this.#stop = void 0;
	}
	#start() {
		this.#startMs = this.#clock.monotonicMs();
		this.#ticks = 0;
		this.#stop = this.#clock.every(TICK_MS$1, () => this.#catchUp());
	}
	#catchUp() {
		const nowMs = this.#clock.monotonicMs();
		const due = Math.floor((nowMs - this.#startMs) / TICK_MS$1);
		this.#ticks = Math.max(this.#ticks, due - MAX_CATCH_UP_TICKS);
		while (this.#ticks < due) {
			this.#ticks += 1;
			const lagMs = nowMs - (this.#startMs + this.#ticks * TICK_MS$1);
			for (const member of this.#slots[this.#ticks % SLOTS] ?? []) {
				this.#lag.record(lagMs);
				member.step();
			}
		}
	}
};
const SPOKEN = "This is the emulator talking under load. It says the same words again and again, for five seconds, and then it is silent for as long.";
async function encodeLoadFrames(style) {
	const { samples } = await new FormantVoice("Kore").speak(SPOKEN);
	const encode = (message) => {
		const frame = encodeServerMessage(message, style);
		return typeof frame === "string" ? Buffer.from(frame) : frame;
	};
	const pieceSamples = VOICE_RATE_HZ * 100 / 1e3;
	const audio = Array.from({ length: 50 }, (_, step) => {
		const piece = Int16Array.from({ length: pieceSamples }, (_unused, index) => samples[(step * pieceSamples + index) % samples.length] ?? 0);
		const data = Buffer.from(piece.buffer).toString("base64");
		return encode({ serverContent: { modelTurn: { parts: [{ inlineData: {
			mimeType: "audio/pcm;rate=24000",
			data
		} }] } } });
	});
	return {
		setupComplete: encode({ setupComplete: {} }),
		audio,
		captions: [
			"Load",
			" speech",
			" goes",
			" on",
			" here."
		].map((text) => encode({ serverContent: { outputTranscription: { text } } })),
		generationComplete: encode({ serverContent: { generationComplete: true } }),
		interrupted: encode({ serverContent: { interrupted: true } }),
		turnComplete: encode({
			serverContent: { turnComplete: true },
			usageMetadata: {
				promptTokenCount: 250,
				responseTokenCount: 125,
				totalTokenCount: 375
			}
		})
	};
}
// libs/emulator/src/codec/content.ts
function readContentTurn(content) {
	return {
		role: content.string("role") === "model" ? "model" : "user",
		text: readContentText(content)
	};
}
/** The text parts, joined by line breaks; thoughts and media are left out. */
function readContentText(content) {
	return content.objects("parts").filter((part) => !part.boolean("thought")).map((part) => part.string("text") ?? "").filter((text) => text !== "").join("\n");
}
// libs/emulator/src/codec/proto-object.ts
/**
* Reads proto3 JSON the way Google's servers do: a field may be named in camelCase or snake_case, `null` means
* absent, enum names come in any case, int64 may be a string. A field of the wrong type throws
* `invalid_message`, which the session turns into close 1007.
*/
var ProtoObject = class ProtoObject {
	#fields;
	#path;
	constructor(fields, path) {
		this.#fields = fields;
		this.#path = path;
	}
	static from(value, path) {
		if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidField(path);
		const fields = /* @__PURE__ */ new Map();
		for (const [name, field] of Object.entries(value)) if (field !== null && field !== void 0) fields.set(camelCase(name), field);
		return new ProtoObject(fields, path);
	}
	/** Names that are set, in camelCase. */
	names() {
		return [...this.#fields.keys()];
	}
	has(name) {
		return this.#fields.has(name);
	}
	raw(name) {
		return this.#fields.get(name);
	}
	object(name) {
		const value = this.#fields.get(name);
		return value === void 0 ? void 0 : ProtoObject.from(value, this.#at(name));
	}
	objects(name) {
		return this.#list(name).map((item, index) => ProtoObject.from(item, `${this.#at(name)}[${index}]`));
	}
	strings(name) {
		return this.#list(name).map((item) => {
			if (typeof item !== "string") throw invalidField(this.#at(name));
			return item;
		});
	}
	string(name) {
		const value = this.#fields.get(name);
		if (value === void 0 || typeof value === "string") return value;
		throw invalidField(this.#at(name));
	}
	enumName(name) {
		return this.string(name)?.toUpperCase();
	}
	boolean(name) {
		const value = this.#fields.get(name) ?? false;
		if (typeof value === "boolean") return value;
		throw invalidField(this.#at(name));
	}
	integer(name) {
		const value = this.#fields.get(name);
		if (value === void 0) return void 0;
		const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
		if (typeof number === "number" && Number.isSafeInteger(number)) return number;
		throw invalidField(this.#at(name));
	}
	#list(name) {
		const value = this.#fields.get(name);
		if (value === void 0) return [];
		return Array.isArray(value) ? value : [value];
	}
	#at(name) {
		return this.#path === "" ? name : `${this.#path}.${name}`;
	}
};
function invalidField(path) {
	return new ParleyError("invalid_message", `The field '${path}' is not valid.`, {
		kind: "invalid_argument",
		details: { path }
	});
}
function camelCase(name) {
	return name.includes("_") ? name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()) : name;
}
// libs/emulator/src/codec/function-declaration.ts
/** The functions of a `tools` list; Google's built-in tools in it are accepted and do nothing here. */
function readFunctions(tools) {
	return tools.flatMap((tool) => tool.objects("functionDeclarations").map((declaration) => {
		const behavior = declaration.enumName("behavior");
		const schema = declaration.raw("parameters") ?? declaration.raw("parametersJsonSchema");
		return {
			name: declaration.string("name") ?? "",
			description: declaration.string("description") ?? "",
			behavior: behavior === "BLOCKING" || behavior === "NON_BLOCKING" ? behavior : void 0,
			parameters: schema === void 0 ? void 0 : readSchema(schema)
		};
	}));
}
const TYPES = [
	"string",
	"number",
	"integer",
	"boolean",
	"array",
	"object"
];
const MAX_DEPTH = 6;
function readSchema(value, depth = 0) {
	const schema = ProtoObject.from(value, "tools.functionDeclarations.parameters");
	const properties = /* @__PURE__ */ new Map();
	const declared = schema.raw("properties");
	if (typeof declared === "object" && declared !== null && depth < MAX_DEPTH) {
		for (const [name, property] of Object.entries(declared)) if (typeof property === "object" && property !== null) properties.set(name, readSchema(property, depth + 1));
	}
	const items = schema.raw("items");
	const options = schema.raw("enum");
	const required = schema.raw("required");
	return {
		type: readType(schema.raw("type"), properties.size > 0),
		description: typeof schema.raw("description") === "string" ? String(schema.raw("description")) : "",
		options: Array.isArray(options) ? options.map(String) : [],
		properties,
		required: Array.isArray(required) ? required.map(String) : [],
		items: typeof items === "object" && items !== null && depth < MAX_DEPTH ? readSchema(items, depth + 1) : void 0
	};
}
function readType(type, hasProperties) {
	const names = (Array.isArray(type) ? type : [type]).map((name) => String(name).toLowerCase());
	return TYPES.find((known) => names.includes(known)) ?? (hasProperties ? "object" : "string");
}
// libs/emulator/src/codec/setup.ts
const KNOWN_FIELDS = /* @__PURE__ */ new Set([
	"model",
	"generationConfig",
	"systemInstruction",
	"tools",
	"toolConfig",
	"realtimeInputConfig",
	"sessionResumption",
	"contextWindowCompression",
	"inputAudioTranscription",
	"outputAudioTranscription",
	"proactivity",
	"historyConfig",
	"explicitVadSignal",
	"safetySettings",
	"avatarConfig",
	"labels"
]);
/** Throws `invalid_message` with `details.unknownField` for a name that Google's parser would not find. */
function readSetup(setup) {
	for (const name of setup.names()) if (!KNOWN_FIELDS.has(name)) throw unknownField(name);
	const generation = setup.object("generationConfig");
	const speech = generation?.object("speechConfig");
	const thinking = generation?.object("thinkingConfig");
	const realtime = setup.object("realtimeInputConfig");
	const detection = realtime?.object("automaticActivityDetection");
	const resumption = setup.object("sessionResumption");
	const proactivity = setup.object("proactivity");
	const instruction = setup.object("systemInstruction");
	return {
		model: setup.string("model") ?? "",
		responseModalities: (generation?.strings("responseModalities") ?? []).map((name) => name.toUpperCase()),
		voiceName: speech?.object("voiceConfig")?.object("prebuiltVoiceConfig")?.string("voiceName"),
		multiSpeakerVoice: speech?.has("multiSpeakerVoiceConfig") ?? false,
		thinking: thinking === void 0 ? void 0 : {
			level: thinking.enumName("thinkingLevel"),
			budget: thinking.integer("thinkingBudget")
		},
		affectiveDialog: generation?.boolean("enableAffectiveDialog") ?? false,
		proactiveAudio: proactivity?.has("proactiveAudio") ? proactivity.boolean("proactiveAudio") : void 0,
		systemInstruction: instruction === void 0 ? "" : readContentText(instruction),
		functions: readFunctions(setup.objects("tools")),
		activityDetection: {
			disabled: detection?.boolean("disabled") ?? false,
			startSensitivity: sensitivity(detection?.enumName("startOfSpeechSensitivity")),
			endSensitivity: sensitivity(detection?.enumName("endOfSpeechSensitivity")),
			prefixPaddingMs: detection?.integer("prefixPaddingMs"),
			silenceDurationMs: detection?.integer("silenceDurationMs")
		},
		interruptible: realtime?.enumName("activityHandling") !== "NO_INTERRUPTION",
		turnCoverage: realtime?.enumName("turnCoverage"),
		inputTranscription: setup.has("inputAudioTranscription"),
		outputTranscription: setup.has("outputAudioTranscription"),
		resumption: resumption === void 0 ? void 0 : {
			handle: resumption.string("handle") || void 0,
			transparent: resumption.boolean("transparent")
		},
		initialHistory: setup.object("historyConfig")?.boolean("initialHistoryInClientContent") ?? false
	};
}
function sensitivity(name) {
	if (name?.endsWith("_HIGH")) return "HIGH";
	return name?.endsWith("_LOW") ? "LOW" : void 0;
}
function unknownField(name) {
	return new ParleyError("invalid_message", `Unknown field '${name}' in setup.`, {
		kind: "invalid_argument",
		details: {
			unknownField: name,
			at: "setup"
		}
	});
}
// libs/emulator/src/codec/client-message.ts
/** Throws `malformed_json` or `invalid_message`; both mean close 1007. */
function decodeClientMessage(text) {
	let value;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new ParleyError("malformed_json", "The message is not JSON.", {
			kind: "invalid_argument",
			cause
		});
	}
	const envelope = ProtoObject.from(value, "");
	const [kind, ...more] = envelope.names();
	const body = kind === void 0 || more.length > 0 ? void 0 : envelope.object(kind);
	if (!body) throw invalidField("message_type");
	switch (kind) {
		case "setup": return {
			kind,
			setup: readSetup(body)
		};
		case "clientContent": return {
			kind,
			turns: body.objects("turns").map(readContentTurn),
			turnComplete: body.boolean("turnComplete")
		};
		case "realtimeInput": return {
			kind,
			...readRealtimeInput(body)
		};
		case "toolResponse": return {
			kind,
			responses: body.objects("functionResponses").map(readFunctionResponse)
		};
		case "contextUpdate": {
			const instruction = body.object("systemInstruction");
			const tools = body.object("tools");
			return {
				kind,
				systemInstruction: instruction && readContentText(instruction),
				functions: tools && readFunctions(tools.objects("tools"))
			};
		}
		default: throw new ParleyError("invalid_message", "The message is of no known kind.", {
			kind: "invalid_argument",
			details: {
				unknownField: kind,
				at: ""
			}
		});
	}
}
function readRealtimeInput(body) {
	return {
		audio: readBlob(body.object("audio"), "audio"),
		video: readBlob(body.object("video"), "video"),
		text: body.string("text"),
		activityStart: body.has("activityStart"),
		activityEnd: body.has("activityEnd"),
		audioStreamEnd: body.boolean("audioStreamEnd"),
		mediaChunks: body.objects("mediaChunks").flatMap((chunk) => readBlob(chunk, "mediaChunks") ?? [])
	};
}
function readBlob(blob, path) {
	if (!blob) return void 0;
	const bytes = decodeBase64(blob.string("data") ?? "");
	if (!bytes) throw invalidField(`realtimeInput.${path}.data`);
	return {
		mimeType: blob.string("mimeType") ?? "",
		bytes
	};
}
function readFunctionResponse(answer) {
	const body = answer.object("response");
	const response = {};
	const given = answer.raw("response");
	if (typeof given === "object" && given !== null) {
		for (const [name, value] of Object.entries(given)) if (!/^(scheduling|will_?[cC]ontinue)$/.test(name)) response[name] = value;
	}
	return {
		id: answer.string("id") ?? "",
		name: answer.string("name") ?? "",
		response,
		scheduling: readScheduling(answer.enumName("scheduling") ?? innerWord(body, "scheduling")),
		willContinue: answer.boolean("willContinue") || body?.raw("willContinue") === true
	};
}
function innerWord(body, name) {
	const value = body?.raw(name);
	return typeof value === "string" ? value.toUpperCase() : void 0;
}
function readScheduling(name) {
	if (name === "SILENT") return "SILENT";
	return name === "INTERRUPT" || name === "INTERRUPTED" ? "INTERRUPT" : "WHEN_IDLE";
}
// libs/emulator/src/session/close-reason.ts
const INVALID_ARGUMENT = {
	code: 1007,
	reason: "Request contains an invalid argument."
};
const CLOSE_REASONS = {
	invalidArgument: INVALID_ARGUMENT,
	setupExpected: {
		code: 1007,
		reason: "setup must be the first message and only the first"
	},
	explicitActivity: {
		code: 1007,
		reason: "Explicit activity control is not supported when automatic activity detection is enabled."
	},
	mediaChunks: {
		code: 1007,
		reason: "realtime_input.media_chunks is deprecated. Use audio, video, or text instead."
	},
	unsupported: {
		code: 1008,
		reason: "Operation is not implemented, or supported, or enabled."
	},
	entityNotFound: {
		code: 1008,
		reason: "Requested entity was not found."
	},
	deadline: {
		code: 1011,
		reason: "Deadline expired before operation could complete."
	},
	internal: {
		code: 1011,
		reason: "Internal error encountered."
	}
};
function modelNotFound(model, version) {
	return {
		code: 1008,
		reason: `${model || "models/"} is not found for API version ${version}, or is not supported for bidiGenerateContent.`
	};
}
/** The close for a message that could not be decoded. */
function reasonOfBadMessage(thrown) {
	if (!(thrown instanceof ParleyError)) return CLOSE_REASONS.internal;
	const { unknownField, at } = thrown.details;
	if (typeof unknownField !== "string") return INVALID_ARGUMENT;
	return {
		code: 1007,
		reason: `Invalid JSON payload received. Unknown name "${unknownField}"${at === "" ? "" : ` at '${String(at)}'`}: Cannot find field.`
	};
}
/** A WebSocket close reason holds at most 123 bytes of UTF-8. */
function clipReason(reason) {
	let clipped = reason.slice(0, 123);
	while (Buffer.byteLength(clipped) > 123) clipped = clipped.slice(0, -1);
	return clipped;
}
// libs/emulator/src/load/load-session.ts
const AUDIO_FRAME = /^\{"realtime_?[Ii]nput":\{"audio"/;
const HEAD_BYTES = 32;
/**
* A session that costs next to nothing: from its setup on it talks for five seconds and is silent for five, over
* and over, beginning at a random point. Audio that comes in is looked at no further than its first bytes; text
* makes it talk from the start, interrupting itself, as does a tool response.
*/
var LoadSession = class {
	#options;
	#leave;
	#captions = false;
	#closed = false;
	#step = 0;
	constructor(options) {
		this.#options = options;
	}
	onFrame(frame) {
		if (this.#closed) return;
		if (this.#leave && AUDIO_FRAME.test(frame.toString("latin1", 0, HEAD_BYTES))) return;
		try {
			this.#accept(frame.toString());
		} catch (thrown) {
			this.hangUp(reasonOfBadMessage(thrown));
		}
	}
	hangUp(reason) {
		if (this.#closed) return;
		this.close();
		this.#options.hangUp(reason);
	}
	close() {
		this.#closed = true;
		this.#leave?.();
	}
	/** Served by the wheel every 100 ms. */
	step() {
		const { frames, send } = this.#options;
		const step = this.#step;
		this.#step = (step + 1) % 100;
		if (step > 50) return;
		if (step === 50) {
			send(frames.turnComplete);
			return;
		}
		const audio = frames.audio[step];
		if (audio) send(audio);
		const caption = this.#captions && step % 10 === 0 ? frames.captions[step / 10] : void 0;
		if (caption) send(caption);
		if (step === 49) send(frames.generationComplete);
	}
	#accept(text) {
		const message = decodeClientMessage(text);
		const { frames, wheel, random, send } = this.#options;
		if (!this.#leave) {
			if (message.kind !== "setup") return this.hangUp(CLOSE_REASONS.setupExpected);
			this.#captions = message.setup.outputTranscription;
			this.#step = Math.floor(random() * 100);
			send(frames.setupComplete);
			this.#leave = wheel.join(this);
			return;
		}
		if (message.kind === "setup") return this.hangUp(CLOSE_REASONS.setupExpected);
		if (!(message.kind !== "realtimeInput" || message.text !== void 0)) return;
		if (this.#step > 0 && this.#step <= 50) {
			send(frames.interrupted);
			send(frames.turnComplete);
		}
		this.#step = 0;
	}
};
// libs/emulator/src/input/speech-detector.ts
/** What detectors and transcription work on: PCM16 mono 16 kHz in windows of 512 samples. */
const HEARING_RATE_HZ$1 = 16e3;
/** Google's own silence before it takes a turn as over is about 800 ms, 500 when told to be quick. */
function silenceDurationOf(setup, unset) {
	return setup.silenceDurationMs ?? (setup.endSensitivity === "HIGH" ? Math.min(500, unset) : unset);
}
/** Speech by loudness alone; watermarked speech is loud enough to need no word from the watermark. */
function energyDetector(setup, unsetSilenceMs) {
	const energy = new SpeechEnergy({
		rateHz: HEARING_RATE_HZ$1,
		silenceDurationMs: silenceDurationOf(setup, unsetSilenceMs),
		...setup.startSensitivity && { sensitivity: setup.startSensitivity },
		...setup.prefixPaddingMs !== void 0 && { prefixPaddingMs: setup.prefixPaddingMs }
	});
	return {
		push: (window) => energy.push(window),
		flush: () => energy.flush(),
		close: () => void 0
	};
}
// libs/emulator/src/input/audio-intake.ts
const WINDOW_BYTES$1 = 1024;
const NOTHING = /* @__PURE__ */ new Uint8Array(0);
/**
* Turns a client's audio of any rate and chunking into windows of 512 samples at 16 kHz, and reads watermarks
* on the way in, where the sample bits are still the client's. A chunk may end within a sample. Calls must not
* overlap.
*/
var AudioIntake = class {
	#watermark = new WatermarkReader();
	#resampler;
	#rateHz = HEARING_RATE_HZ$1;
	#halfSample = NOTHING;
	#rest = NOTHING;
	#markedMs = 0;
	/** Rejects with `unsupported_audio` for a rate that can't be converted. */
	async push(bytes, rateHz) {
		if (rateHz !== this.#rateHz) {
			this.#resampler = rateHz === 16e3 ? void 0 : await createResampler(rateHz, HEARING_RATE_HZ$1);
			this.#rateHz = rateHz;
			this.#halfSample = NOTHING;
		}
		const joined = concat(this.#halfSample, bytes);
		const whole = joined.subarray(0, joined.length & -2);
		this.#halfSample = joined.slice(whole.length);
		const items = [];
		for (const { text, durationMs } of this.#watermark.accept(samplesOf(whole))) {
			items.push({
				kind: "words",
				text
			});
			this.#markedMs = Math.max(this.#markedMs, durationMs);
		}
		items.push(...this.#windows(concat(this.#rest, this.#resampler ? this.#resampler.push(whole) : whole)));
		return items;
	}
	/** The stream pauses: what is left comes out, filled up with silence. */
	flush() {
		const left = concat(this.#rest, this.#resampler?.flush() ?? NOTHING);
		this.#halfSample = NOTHING;
		this.#rest = NOTHING;
		const missing = (WINDOW_BYTES$1 - left.length % WINDOW_BYTES$1) % WINDOW_BYTES$1;
		return this.#windows(concat(left, new Uint8Array(missing)));
	}
	#windows(pcm) {
		const items = [];
		let at = 0;
		for (; at + WINDOW_BYTES$1 <= pcm.length; at += WINDOW_BYTES$1) {
			items.push({
				kind: "window",
				pcm: pcm.slice(at, at + WINDOW_BYTES$1),
				marked: this.#markedMs > 0
			});
			this.#markedMs = Math.max(0, this.#markedMs - 32);
		}
		this.#rest = pcm.slice(at);
		return items;
	}
};
/** `audio/pcm;rate=24000` → 24000; 16 kHz when nothing is said, undefined for what is not PCM audio. */
function rateOfMimeType(mimeType) {
	const match = /^audio\/(?:pcm|l16)(?:\s*;(.*))?$/i.exec(mimeType.trim());
	if (!match) return void 0;
	const rate = /(?:^|;)\s*rate\s*=\s*(\d+)/i.exec(match[1] ?? "");
	const rateHz = rate ? Number(rate[1]) : HEARING_RATE_HZ$1;
	return rateHz >= 4e3 && rateHz <= 192e3 ? rateHz : void 0;
}
function concat(first, second) {
	if (first.length === 0) return second;
	if (second.length === 0) return first;
	const whole = new Uint8Array(first.length + second.length);
	whole.set(first);
	whole.set(second, first.length);
	return whole;
}
// libs/emulator/src/session/connection-life.ts
/** A connection's limited life: `onGoAway` once, then `onOver` once, unless closed before. */
var ConnectionLife = class {
	#options;
	#timer;
	constructor(options) {
		this.#options = options;
		const { clock, connectionMs, goAwayLeadMs } = options;
		if (connectionMs > 0) {
			const leadMs = Math.min(goAwayLeadMs, connectionMs);
			this.#timer = clock.after(connectionMs - leadMs, () => this.endIn(leadMs));
		}
	}
	/** Announces the end now, for `timeLeftMs` from now. */
	endIn(timeLeftMs) {
		this.#timer?.();
		this.#timer = this.#options.clock.after(timeLeftMs, this.#options.onOver);
		this.#options.onGoAway(timeLeftMs);
	}
	close() {
		this.#timer?.();
	}
};
// libs/emulator/src/session/context-meter.ts
/** Google's rates: 25 tokens for a second of audio, 258 for a video frame, about one for four characters. */
const AUDIO_TOKENS_PER_SECOND = 25;
const TOKENS_PER_FRAME = 258;
const CHARS_PER_TOKEN = 4;
/**
* Counts tokens as the provider bills them: each turn's prompt is the whole context so far, what the model said
* in earlier turns included.
*/
var ContextMeter = class {
	#prompt;
	#response = {
		text: 0,
		audio: 0
	};
	constructor(start = {
		text: 0,
		audio: 0,
		video: 0
	}) {
		this.#prompt = { ...start };
	}
	/** The context without the running turn's response. */
	get context() {
		return { ...this.#prompt };
	}
	heardText(chars) {
		this.#prompt.text += chars / CHARS_PER_TOKEN;
	}
	heardAudio(seconds) {
		this.#prompt.audio += seconds * AUDIO_TOKENS_PER_SECOND;
	}
	sawFrame() {
		this.#prompt.video += TOKENS_PER_FRAME;
	}
	saidAudio(seconds) {
		this.#response.audio += seconds * AUDIO_TOKENS_PER_SECOND;
	}
	saidText(chars) {
		this.#response.text += chars / CHARS_PER_TOKEN;
	}
	/** Usage of the turn that ends now; its response joins the context. */
	endTurn(names) {
		const prompt = details(this.#prompt);
		const response = details({
			...this.#response,
			video: 0
		});
		const promptCount = total(prompt);
		const responseCount = total(response);
		this.#prompt.text += this.#response.text;
		this.#prompt.audio += this.#response.audio;
		this.#response.text = 0;
		this.#response.audio = 0;
		return {
			...promptCount > 0 && {
				promptTokenCount: promptCount,
				promptTokensDetails: prompt
			},
			...responseCount > 0 && (names === "gemini" ? {
				responseTokenCount: responseCount,
				responseTokensDetails: response
			} : {
				candidatesTokenCount: responseCount,
				candidatesTokensDetails: response
			}),
			...promptCount + responseCount > 0 && { totalTokenCount: promptCount + responseCount }
		};
	}
};
function details(tokens) {
	return [
		{
			modality: "TEXT",
			tokenCount: Math.ceil(tokens.text)
		},
		{
			modality: "AUDIO",
			tokenCount: Math.ceil(tokens.audio)
		},
		{
			modality: "VIDEO",
			tokenCount: Math.ceil(tokens.video)
		}
	].filter(({ tokenCount }) => tokenCount > 0);
}
function total(tokens) {
	return tokens.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
}
// libs/emulator/src/session/conversation-history.ts
const MAX_ENTRIES = 400;
const MAX_CHARS$1 = 2e5;
var ConversationHistory = class {
	#entries = [];
	#chars = 0;
	#speaking = "";
	constructor(entries = []) {
		for (const entry of entries) this.#add(entry);
	}
	get entries() {
		return this.#entries;
	}
	addUser(text) {
		this.#add({
			role: "user",
			text
		});
	}
	addCall(name, args) {
		this.#add({
			role: "call",
			name,
			args
		});
	}
	addToolResult(name, response) {
		this.#add({
			role: "tool",
			name,
			response
		});
	}
	addClientTurn(turn) {
		if (turn.text === "") return;
		if (turn.role === "model" || !/^\s*for context:/i.test(turn.text)) {
			this.#add({
				role: turn.role,
				text: turn.text
			});
			return;
		}
		for (const line of turn.text.replace(/^\s*for context:\s*/i, "").split("\n")) {
			const said = /^\[([^\]]+)\] said: ?(.*)$/.exec(line);
			if (said) this.#add({
				role: said[1] === "user" ? "user" : "model",
				text: said[2] ?? ""
			});
			else if (line.trim() !== "") this.#add({
				role: "context",
				text: line.trim()
			});
		}
	}
	/** A piece of the model's running turn that was just sent. */
	modelSaid(piece) {
		this.#speaking += piece;
	}
	/** The running model turn is over, complete or cut off. */
	endModelTurn() {
		const text = this.#speaking.trim();
		this.#speaking = "";
		if (text !== "") this.#add({
			role: "model",
			text
		});
	}
	/** Where the user's words begin that the model neither spoke nor called a tool after. */
	unansweredFrom() {
		return this.#entries.findLastIndex((entry) => entry.role === "model" || entry.role === "call") + 1;
	}
	#add(entry) {
		this.#entries.push(entry);
		this.#chars += sizeOf(entry);
		while (this.#entries.length > MAX_ENTRIES || this.#chars > MAX_CHARS$1 && this.#entries.length > 1) {
			const oldest = this.#entries.shift();
			if (oldest) this.#chars -= sizeOf(oldest);
		}
	}
};
function sizeOf(entry) {
	if (entry.role === "tool") return JSON.stringify(entry.response).length;
	return entry.role === "call" ? JSON.stringify(entry.args).length : entry.text.length;
}
// libs/emulator/src/voice/sentences.ts
const FIRST_MAX_CHARS = 48;
const MAX_CHARS = 180;
/**
* Cuts a reply into what is synthesised at one go. The first piece is kept short, since nothing is heard before
* it is ready; long sentences are cut at a comma, else between words. Joined by spaces the pieces give the text.
*/
function splitForSpeech(text) {
	return text.replace(/\s+/g, " ").trim().split(/(?<=[.!?…]["'”’)]?) (?=\S)/).filter((sentence) => sentence !== "").flatMap((sentence, index) => cut(sentence, index === 0 ? FIRST_MAX_CHARS : MAX_CHARS));
}
function cut(sentence, maxChars) {
	if (sentence.length <= maxChars) return [sentence];
	const comma = Math.max(sentence.lastIndexOf(", ", maxChars), sentence.lastIndexOf("; ", maxChars), sentence.lastIndexOf(": ", maxChars));
	const space = sentence.lastIndexOf(" ", maxChars);
	const end = comma > 8 ? comma + 1 : space;
	if (end <= 0) return [sentence];
	return [sentence.slice(0, end), ...cut(sentence.slice(end + 1), MAX_CHARS)];
}
// libs/emulator/src/voice/paced-speech.ts
/** How much lateness of the ticker is made up for. */
const MAX_CATCH_UP_MS = 500;
/**
* Speaks one text (not an empty one): synthesises it sentence by sentence, at most two ahead of what is being sent, and sends it
* in chunks faster than real time.
*
* 1. Chunks keep their order and follow the pace; when synthesis is late, the pace starts anew at the next chunk.
* 2. `onSent` or `onFailed` comes once, after the last chunk; after `cancel` nothing comes.
* 3. The assumed listener plays without a gap from the first chunk on, and waits whenever it has nothing.
*/
var PacedSpeech = class {
	#options;
	#sentences;
	/** The chunks of each synthesised sentence that are still to be sent. */
	#ready = [];
	#abort = new AbortController();
	#synthesising = false;
	#captioned = false;
	#timer;
	#nextDueMs = Number.NEGATIVE_INFINITY;
	#playbackEndMs = 0;
	constructor(text, options) {
		this.#options = options;
		this.#sentences = splitForSpeech(text);
		this.#synthesise();
	}
	cancel() {
		this.#abort.abort();
		this.#timer?.();
		this.#timer = void 0;
		this.#ready.length = 0;
		this.#sentences.length = 0;
	}
	#synthesise() {
		if (this.#synthesising || this.#ready.length >= 2) return;
		const sentence = this.#sentences.shift();
		if (sentence === void 0) return;
		this.#synthesising = true;
		const { signal } = this.#abort;
		this.#options.voice.speak(sentence, signal).then((spoken) => {
			if (signal.aborted) return;
			this.#synthesising = false;
			this.#ready.push(this.#cut(spoken));
			this.#synthesise();
			this.#pump();
		}, (error) => {
			if (signal.aborted) return;
			this.cancel();
			this.#options.onFailed(toParleyError(error));
		});
	}
	#cut({ samples, words }) {
		const size = this.#options.chunkMs / 40 * 960;
		const chunks = [];
		for (let start = 0; start < samples.length; start += size) {
			const piece = samples.subarray(start, start + size);
			const text = words.filter((word) => word.startSample >= start && word.startSample < start + size).map((word) => word.text).join(" ");
			chunks.push({
				pcm: new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength),
				durationMs: piece.length * 1e3 / VOICE_RATE_HZ,
				caption: text !== "" && this.#captioned ? ` ${text}` : text
			});
			this.#captioned ||= text !== "";
		}
		return chunks;
	}
	#pump() {
		const { clock, ticker, speed, onChunk, onSent } = this.#options;
		while (this.#timer === void 0 && !this.#abort.signal.aborted) {
			const nowMs = clock.monotonicMs();
			const chunk = this.#ready[0]?.[0];
			if (!chunk) {
				this.#nextDueMs = nowMs;
				if (!this.#synthesising) {
					this.#abort.abort();
					onSent(Math.max(this.#playbackEndMs, nowMs));
				}
				return;
			}
			if (this.#nextDueMs > nowMs) {
				this.#timer = ticker.at(this.#nextDueMs, () => {
					this.#timer = void 0;
					this.#pump();
				});
				return;
			}
			this.#ready[0]?.shift();
			if (this.#ready[0]?.length === 0) {
				this.#ready.shift();
				this.#synthesise();
			}
			this.#nextDueMs = Math.max(this.#nextDueMs, nowMs - MAX_CATCH_UP_MS) + chunk.durationMs / speed;
			this.#playbackEndMs = Math.max(this.#playbackEndMs, nowMs) + chunk.durationMs;
			onChunk(chunk);
		}
	}
};
// libs/emulator/src/session/model-output.ts
function startOutput(text, options) {
	return options.modality === "TEXT" ? new PacedText(text, options) : startSpeech(text, options);
}
function startSpeech(text, options) {
	const { send, onSaid, captions, combined } = options;
	return new PacedSpeech(text, {
		...options,
		onChunk: ({ pcm, caption, durationMs }) => {
			const audio = modelTurn(options, { inlineData: {
				mimeType: "audio/pcm;rate=24000",
				data: encodeBase64(pcm)
			} });
			const words = captions && caption !== "" ? { outputTranscription: { text: caption } } : void 0;
			if (combined || !words) send({
				...audio,
				...words
			});
			else {
				send(audio);
				send(words);
			}
			onSaid(caption, durationMs);
		}
	});
}
const TEXT_PIECE_MS = 40;
/** Sends a text a few words at a time, as text models do. */
var PacedText = class {
	#options;
	#pieces;
	#timer;
	constructor(text, options) {
		this.#options = options;
		this.#pieces = text.match(/(?:\s*\S+){1,4}\s*/g) ?? [];
		this.#timer = options.ticker.at(options.clock.monotonicMs(), () => this.#next());
	}
	cancel() {
		this.#timer?.();
		this.#timer = void 0;
	}
	#next() {
		const { clock, ticker, send, onSaid, onSent } = this.#options;
		const nowMs = clock.monotonicMs();
		const piece = this.#pieces.shift();
		if (piece === void 0) {
			this.#timer = void 0;
			onSent(nowMs);
			return;
		}
		this.#timer = ticker.at(nowMs + TEXT_PIECE_MS, () => this.#next());
		send(modelTurn(this.#options, { text: piece }));
		onSaid(piece, 0);
	}
};
function modelTurn({ role }, part) {
	return { modelTurn: {
		...role && { role },
		parts: [part]
	} };
}
// libs/emulator/src/session/model-turn.ts
/**
* One turn of the model: thinks, perhaps waits for tools and thinks again, speaks, and is over when what it said
* has been heard.
*
* 1. `onGenerated` comes once, when everything was sent; `onEnded` once, after it.
* 2. After `stop` nothing is sent or reported.
*/
var ModelTurn = class {
	#options;
	#phase;
	constructor(plan, options) {
		this.#options = options;
		this.#phase = this.#thinking(plan);
	}
	/** Waits for tools. */
	get waiting() {
		return this.#phase.kind === "waiting";
	}
	/** The tools have answered. */
	goOn(plan) {
		if (this.waiting) this.#phase = this.#thinking(plan);
	}
	stop() {
		const phase = this.#phase;
		this.#phase = { kind: "over" };
		if (phase.kind === "speaking") phase.output.cancel();
		else if ("stop" in phase) phase.stop();
	}
	#thinking(plan) {
		const { behaviour, clock, ticker, random } = this.#options;
		const dueMs = clock.monotonicMs() + behaviour.thinkMs + random() * behaviour.thinkJitterMs;
		return {
			kind: "thinking",
			stop: ticker.at(dueMs, () => this.#perform(plan()))
		};
	}
	#perform({ say, calls = [] }) {
		const { call, speak, clock } = this.#options;
		if (calls.length > 0 && call(calls)) this.#phase = { kind: "waiting" };
		else if (say?.trim()) this.#phase = {
			kind: "speaking",
			output: speak(say, (heardAtMs) => this.#generated(heardAtMs))
		};
		else this.#generated(clock.monotonicMs());
	}
	#generated(heardAtMs) {
		const { behaviour, ticker, onGenerated, onEnded } = this.#options;
		const dueMs = behaviour.turnEnds === "playback" ? heardAtMs : 0;
		const end = () => {
			this.#phase = { kind: "over" };
			onEnded();
		};
		this.#phase = {
			kind: "playing",
			stop: ticker.at(dueMs, end)
		};
		onGenerated();
	}
};
// libs/emulator/src/session/pending-calls.ts
/**
* Calls that were sent and not finally answered.
*
* 1. An id leaves by its final response or by cancellation, once; what comes later for it matches nothing.
* 2. A response without an id (Vertex) answers the oldest pending call of its name.
*/
var PendingCalls = class {
	#calls = /* @__PURE__ */ new Map();
	get size() {
		return this.#calls.size;
	}
	add(call) {
		this.#calls.set(call.id, call);
	}
	/** Whether the model still waits for a blocking call. */
	get blocked() {
		return [...this.#calls.values()].some((call) => call.behavior === "BLOCKING");
	}
	/** The call that `response` answers; it stays pending when more is announced for a non-blocking one. */
	take(response) {
		const call = response.id === "" ? [...this.#calls.values()].find((each) => each.name === response.name) : this.#calls.get(response.id);
		if (call && !(response.willContinue && call.behavior === "NON_BLOCKING")) this.#calls.delete(call.id);
		return call;
	}
	/** Gives up the blocking calls and answers their ids. */
	cancelBlocking() {
		const ids = [...this.#calls.values()].filter((call) => call.behavior === "BLOCKING").map((call) => call.id);
		for (const id of ids) this.#calls.delete(id);
		return ids;
	}
};
// libs/emulator/src/session/conversation.ts
const MAX_DEFERRED = 64;
/**
* The turns of one session after its setup: who speaks, what interrupts whom, and which tools are waited for.
*
* 1. Every model turn ends with exactly one `turnComplete`, which carries the usage.
* 2. A turn that runs to its end sends `generationComplete` before it; an interrupted turn sends `interrupted`,
*    then the cancellation of its blocking calls, then `turnComplete`, at once, and nothing after that.
* 3. Only ids that were sent and not answered are cancelled.
* 4. While the user is active no turn begins, except for text; what came meanwhile is taken up afterwards, input
*    before tool results.
*/
var Conversation = class {
	#options;
	#calls = new PendingCalls();
	#deferred = [];
	#blockingOutcomes = [];
	#instruction;
	#functions;
	#turn;
	#userActive = false;
	#videoFrames = 0;
	constructor(options) {
		this.#options = options;
		this.#instruction = options.instruction;
		this.#functions = options.functions;
	}
	/** Speech or an explicit activity begins. */
	userStarted() {
		this.#userActive = true;
		if (this.#options.interruptible) this.#interrupt();
	}
	/** The activity is over and understood. '' held no words; `speakingAgain`: another has begun meanwhile. */
	userSpoke(text, understood, speakingAgain) {
		this.#userActive = speakingAgain;
		if (text !== "") this.#input(text, understood);
		else this.#takeUp();
	}
	userWrote(text) {
		this.#options.meter.heardText(text.length);
		if (text === "") return;
		this.#userActive = false;
		this.#input(text, true);
	}
	sawFrame() {
		this.#videoFrames += 1;
		this.#options.meter.sawFrame();
	}
	/** Always interrupts; begins a turn when `complete`. */
	addContent(turns, complete) {
		this.#interrupt();
		this.seed(turns);
		if (complete) this.#answer(true);
	}
	/** Adds to the history and does nothing else. */
	seed(turns) {
		for (const turn of turns) {
			this.#options.meter.heardText(turn.text.length);
			this.#options.history.addClientTurn(turn);
		}
	}
	updateContext(instruction, functions) {
		this.#instruction = instruction ?? this.#instruction;
		this.#functions = functions ?? this.#functions;
	}
	/** False when some response answers no pending call. */
	toolsAnswered(responses) {
		let known = true;
		for (const response of responses) {
			const call = this.#calls.take(response);
			if (!call) {
				known = false;
				continue;
			}
			this.#options.meter.heardText(JSON.stringify(response.response).length);
			const outcome = {
				name: call.name,
				response: response.response
			};
			if (call.behavior === "BLOCKING") this.#blockingOutcomes.push(outcome);
			else if (response.scheduling === "SILENT") this.#remember(outcome);
			else this.#defer({
				kind: "outcome",
				outcome
			});
			if (call.behavior === "NON_BLOCKING" && response.scheduling === "INTERRUPT" && !this.#userActive) this.#interrupt();
		}
		if (this.#turn?.waiting && !this.#calls.blocked) {
			const outcomes = this.#blockingOutcomes;
			this.#blockingOutcomes = [];
			this.#turn.goOn(() => this.#afterTools(outcomes));
		}
		this.#takeUp();
		return known;
	}
	/** Makes the model say or call this now, for tests. */
	inject(reply) {
		this.#interrupt();
		this.#begin(() => reply);
	}
	close() {
		this.#turn?.stop();
		this.#turn = void 0;
		this.#deferred = [];
	}
	#input(text, understood) {
		if (this.#turn && !this.#options.interruptible) {
			this.#defer({
				kind: "input",
				text,
				understood
			});
			return;
		}
		this.#interrupt();
		this.#options.history.addUser(text);
		if (!this.#userActive) this.#answer(understood);
	}
	#defer(work) {
		if (this.#deferred.length < MAX_DEFERRED) this.#deferred.push(work);
	}
	/** Takes up what had to wait, when nothing speaks against it. */
	#takeUp() {
		if (this.#turn || this.#userActive) return;
		const inputs = this.#deferred.filter((work) => work.kind === "input");
		const outcomes = this.#deferred.filter((work) => work.kind === "outcome");
		if (inputs.length > 0) {
			this.#deferred = outcomes;
			for (const { text } of inputs) this.#options.history.addUser(text);
			this.#answer(inputs.some(({ understood }) => understood));
		} else if (outcomes.length > 0) {
			this.#deferred = [];
			this.#begin(() => this.#afterTools(outcomes.map(({ outcome }) => outcome)));
		}
	}
	#answer(understood) {
		this.#begin(() => {
			const { history, brain } = this.#options;
			const open = history.entries.slice(history.unansweredFrom());
			const said = open.flatMap((entry) => entry.role === "user" ? [entry.text] : []);
			const before = history.entries.filter((entry) => entry.role !== "user" || !open.includes(entry));
			return brain.answer(this.#context(before), said.join(" "), understood);
		});
	}
	#afterTools(outcomes) {
		const reply = this.#options.brain.afterTools(this.#context(this.#options.history.entries), outcomes);
		for (const outcome of outcomes) this.#remember(outcome);
		return reply;
	}
	#remember(outcome) {
		this.#options.history.addToolResult(outcome.name, outcome.response);
	}
	#context(history) {
		return {
			instruction: this.#instruction,
			functions: this.#functions,
			history,
			videoFrames: this.#videoFrames,
			discloses: this.#options.behaviour.discloses,
			nowMs: this.#options.clock.nowMs(),
			random: this.#options.random
		};
	}
	#begin(plan) {
		this.#options.onTurn("begun");
		this.#turn = new ModelTurn(plan, {
			...this.#options,
			call: (calls) => this.#call(calls),
			speak: (text, onSent) => this.#speak(text, onSent),
			onGenerated: () => this.#options.send({ serverContent: { generationComplete: true } }),
			onEnded: () => {
				this.#endTurn();
				this.#takeUp();
			}
		});
	}
	#call(planned) {
		const { newCallId, profile, history, send } = this.#options;
		const functionCalls = planned.map((call) => ({
			id: newCallId(),
			...call
		}));
		for (const call of functionCalls) {
			const declared = this.#functions.find((tool) => tool.name === call.name)?.behavior;
			this.#calls.add({
				...call,
				behavior: declared ?? profile.functionBehavior
			});
			history.addCall(call.name, call.args);
		}
		send({ toolCall: { functionCalls } });
		return this.#calls.blocked;
	}
	#speak(text, onSent) {
		const { behaviour, clock, history, meter, modality, api, profile, send, log } = this.#options;
		return startOutput(text, {
			...this.#options,
			chunkMs: behaviour.chunkMs,
			speed: behaviour.speed,
			combined: profile.combinedMessages,
			role: api === "vertex" ? "model" : void 0,
			send: (serverContent) => send({ serverContent }),
			onSaid: (piece, audioMs) => {
				history.modelSaid(piece);
				if (modality === "AUDIO") meter.saidAudio(audioMs / 1e3);
				else meter.saidText(piece.length);
			},
			onSent,
			onFailed: (error) => {
				log.warn("speaking failed, the turn ends early", { error });
				onSent(clock.monotonicMs());
			}
		});
	}
	#interrupt() {
		if (!this.#turn) return;
		this.#turn.stop();
		this.#options.send({ serverContent: { interrupted: true } });
		const ids = this.#calls.cancelBlocking();
		this.#blockingOutcomes = [];
		if (ids.length > 0) this.#options.send({ toolCallCancellation: { ids } });
		this.#endTurn();
	}
	#endTurn() {
		const { api, history, meter, profile, send, onTurn } = this.#options;
		this.#turn = void 0;
		history.endModelTurn();
		const interactionStatus = this.#calls.size > 0 ? "IN_PROGRESS" : "IDLE";
		send({
			serverContent: {
				turnComplete: true,
				...profile.interactionStatus && { interactionStatus }
			},
			usageMetadata: meter.endTurn(api)
		});
		onTurn("ended");
	}
};
// libs/emulator/src/session/model-profile.ts
const LIVE_38 = {
	name: "gemini-3.8-live",
	textModality: false,
	thinking: "absent",
	affectiveDialog: false,
	proactivityFixed: true,
	clientContent: "any",
	mediaChunks: false,
	contextUpdate: true,
	functionBehavior: "NON_BLOCKING",
	blockingFunctions: true,
	combinedMessages: true,
	interactionStatus: false
};
const NATIVE_25 = {
	name: "gemini-2.5-native-audio",
	textModality: false,
	thinking: "budget",
	affectiveDialog: true,
	proactivityFixed: false,
	clientContent: "any",
	mediaChunks: true,
	contextUpdate: false,
	functionBehavior: "BLOCKING",
	blockingFunctions: true,
	combinedMessages: false,
	interactionStatus: false
};
const PROFILES = {
	"gemini-3.8-live": LIVE_38,
	"gemini-3.8-live-extended-thinking": {
		...LIVE_38,
		name: "gemini-3.8-live-extended-thinking",
		thinking: "level-not-minimal",
		blockingFunctions: false,
		interactionStatus: true
	},
	"gemini-3.1-flash-live": {
		...LIVE_38,
		name: "gemini-3.1-flash-live",
		thinking: "level",
		proactivityFixed: false,
		clientContent: "seed",
		contextUpdate: false,
		functionBehavior: "BLOCKING"
	},
	"gemini-2.5-native-audio": NATIVE_25,
	"half-cascade": {
		...NATIVE_25,
		name: "half-cascade",
		textModality: true,
		affectiveDialog: false
	},
	permissive: {
		...LIVE_38,
		name: "permissive",
		textModality: true,
		thinking: "any",
		affectiveDialog: true,
		proactivityFixed: false,
		mediaChunks: true,
		functionBehavior: "BLOCKING"
	}
};
/** Most particular first. */
const MODELS = [
	[/^gemini-3\.8-live-extended-thinking/, "gemini-3.8-live-extended-thinking"],
	[/^gemini-3\.8-live/, "gemini-3.8-live"],
	[/^gemini-3(\.\d+)?-flash-live/, "gemini-3.1-flash-live"],
	[/native-audio/, "gemini-2.5-native-audio"],
	[/^gemini-live-2\.5-flash|^gemini-2\.0-flash-(live|exp)/, "half-cascade"],
	[/^(parley-)?emulator$/, "permissive"]
];
/** `model` may be a bare name, `models/x` or a Vertex resource name; undefined when no live model is so called. */
function profileOfModel(model) {
	const bare = bareModelName(model);
	const name = MODELS.find(([pattern]) => pattern.test(bare))?.[1];
	return name && PROFILES[name];
}
function profileNamed(name) {
	return PROFILES[name];
}
function bareModelName(model) {
	return model.slice(model.lastIndexOf("/") + 1);
}
// libs/emulator/src/session/resumption-updates.ts
/**
* Tells a client that asked for it whether the session can be resumed at this point, and by which handle.
*
* 1. Handles go out in the order of the states they stand for; a state that was overtaken while it was being
*    saved is not announced.
* 2. After `close` nothing is sent.
*/
var ResumptionUpdates = class {
	#options;
	#state = 0;
	#consumedMessages = 0;
	#closed = false;
	constructor(options) {
		this.#options = options;
	}
	/** A client message was taken in; setup is message 0 and doesn't count. */
	consumed() {
		this.#consumedMessages += 1;
	}
	/** Generation or a tool call begins: not resumable here. */
	suspended() {
		this.#state += 1;
		this.#options.send(this.#index());
	}
	/** The session can be resumed as it is now. */
	resumable() {
		const state = ++this.#state;
		const index = this.#index();
		const { store, owner, snapshot, send, log } = this.#options;
		store.save(owner, snapshot()).then((newHandle) => {
			if (state === this.#state && !this.#closed) send({
				newHandle,
				resumable: true,
				...index
			});
		}, (error) => log.warn("a resumption snapshot could not be saved", { error }));
	}
	close() {
		this.#closed = true;
	}
	#index() {
		const { transparent } = this.#options;
		return transparent && this.#consumedMessages > 0 ? { lastConsumedClientMessageIndex: String(this.#consumedMessages) } : {};
	}
};
// libs/emulator/src/session/live-session.ts
/**
* A session from its `setupComplete` on: hands each client message to the ear, the conversation or the history,
* and says which messages the model would not take. Owns its ear, its conversation and its timers.
*/
var LiveSession = class {
	#options;
	#history;
	#meter;
	#conversation;
	#ear;
	#life;
	#updates;
	#seeding;
	#activityOpen = false;
	constructor(options) {
		this.#options = options;
		const { setup, environment, behaviour, restored, send } = options;
		this.#history = new ConversationHistory(restored?.history);
		this.#meter = new ContextMeter(restored?.context);
		this.#meter.heardText(setup.systemInstruction.length);
		this.#seeding = setup.initialHistory;
		this.#updates = new ResumptionUpdates({
			store: environment.resumption,
			owner: options.owner,
			transparent: setup.resumption?.transparent ?? false,
			snapshot: () => this.#snapshot(),
			send: (sessionResumptionUpdate) => send({ sessionResumptionUpdate }),
			log: environment.log
		});
		this.#conversation = new Conversation({
			...options,
			...environment,
			modality: setup.responseModalities.includes("TEXT") ? "TEXT" : "AUDIO",
			captions: setup.outputTranscription,
			interruptible: setup.interruptible,
			instruction: setup.systemInstruction,
			functions: setup.functions,
			history: this.#history,
			meter: this.#meter,
			voice: environment.senses.voices(setup.voiceName),
			onTurn: (change) => this.#onTurn(change)
		});
		this.#ear = environment.senses.openEar(setup.activityDetection, behaviour.silenceDurationMs, {
			captions: setup.inputTranscription,
			onSpeechStart: () => this.#conversation.userStarted(),
			onCaption: (text) => send({ serverContent: { inputTranscription: { text } } }),
			onUtterance: (utterance) => this.#onUtterance(utterance)
		});
		this.#life = new ConnectionLife({
			clock: environment.clock,
			connectionMs: behaviour.connectionMs,
			goAwayLeadMs: behaviour.goAwayLeadMs,
			onGoAway: (timeLeftMs) => send({ goAway: { timeLeft: durationText(timeLeftMs) } }),
			onOver: () => options.hangUp(CLOSE_REASONS.deadline)
		});
		this.#onTurn("ended");
	}
	/** What the session is closed with when the model would not take this message. */
	accept(message) {
		this.#updates.consumed();
		const { profile, behaviour } = this.#options;
		switch (message.kind) {
			case "setup": return CLOSE_REASONS.setupExpected;
			case "clientContent":
				if (this.#seeding) {
					this.#conversation.seed(message.turns);
					this.#seeding = !message.turnComplete;
					return;
				}
				if (profile.clientContent === "seed") return CLOSE_REASONS.invalidArgument;
				this.#conversation.addContent(message.turns, message.turnComplete);
				return;
			case "realtimeInput": return this.#acceptRealtime(message);
			case "toolResponse": return this.#conversation.toolsAnswered(message.responses) || !behaviour.strictToolIds ? void 0 : CLOSE_REASONS.entityNotFound;
			case "contextUpdate":
				if (!profile.contextUpdate) return CLOSE_REASONS.unsupported;
				this.#conversation.updateContext(message.systemInstruction, message.functions);
				return;
		}
	}
	/** Makes the model say or call this now. */
	inject(reply) {
		this.#conversation.inject(reply);
	}
	goAway(timeLeftMs) {
		this.#life.endIn(timeLeftMs);
	}
	close() {
		this.#life.close();
		this.#updates.close();
		this.#ear.close();
		this.#conversation.close();
	}
	#acceptRealtime(input) {
		const { profile, setup } = this.#options;
		if (input.mediaChunks.length > 0 && !profile.mediaChunks) return CLOSE_REASONS.mediaChunks;
		const refused = this.#refuseActivity(input);
		if (refused) return refused;
		if (input.activityStart) {
			this.#activityOpen = true;
			this.#ear.activityStart();
		}
		const media = [
			input.audio,
			input.video,
			...input.mediaChunks
		].filter((blob) => blob !== void 0);
		for (const { mimeType, bytes } of media) {
			if (mimeType.startsWith("image/")) {
				this.#conversation.sawFrame();
				continue;
			}
			const rateHz = rateOfMimeType(mimeType);
			if (rateHz === void 0) return CLOSE_REASONS.invalidArgument;
			if (setup.turnCoverage === "TURN_INCLUDES_ALL_INPUT") this.#meter.heardAudio(bytes.length / 2 / rateHz);
			this.#ear.accept(bytes, rateHz);
		}
		if (input.text !== void 0) this.#conversation.userWrote(input.text);
		if (input.activityEnd) {
			this.#activityOpen = false;
			this.#ear.activityEnd();
		}
		if (input.audioStreamEnd) this.#ear.streamEnd();
	}
	#refuseActivity(input) {
		const explicit = this.#options.setup.activityDetection.disabled;
		if (!explicit && (input.activityStart || input.activityEnd)) return CLOSE_REASONS.explicitActivity;
		const unopened = input.activityEnd && !input.activityStart && !this.#activityOpen;
		const misplacedEnd = explicit && input.audioStreamEnd && this.#options.profile.name !== "permissive";
		return unopened || misplacedEnd ? CLOSE_REASONS.invalidArgument : void 0;
	}
	#onUtterance({ text, understood, caption, durationMs, speakingAgain }) {
		const { setup, profile, send } = this.#options;
		if (setup.turnCoverage !== "TURN_INCLUDES_ALL_INPUT") this.#meter.heardAudio(durationMs / 1e3);
		if (setup.inputTranscription && text !== "") send({ serverContent: { inputTranscription: {
			...caption !== "" && { text: caption },
			...profile.combinedMessages && { finished: true }
		} } });
		this.#conversation.userSpoke(text, understood, speakingAgain);
	}
	#onTurn(change) {
		if (!this.#options.setup.resumption) return;
		if (change === "begun") this.#updates.suspended();
		else this.#updates.resumable();
	}
	#snapshot() {
		return {
			model: bareModelName(this.#options.setup.model),
			history: [...this.#history.entries],
			context: this.#meter.context
		};
	}
};
// libs/emulator/src/session/setup-rules.ts
const VOICE_NAMES = `Zephyr Puck Charon Kore Fenrir Leda Orus Aoede Callirrhoe Autonoe Enceladus Iapetus Umbriel Algieba Despina
  Erinome Algenib Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux Pulcherrima Achird Zubenelgenubi
  Vindemiatrix Sadachbia Sadaltager Sulafat`.split(/\s+/);
/** What the model would refuse in this setup; undefined when it would take it. */
function refuseSetup(setup, profile) {
	if (profile.name === "permissive") return void 0;
	const { responseModalities: modalities } = setup;
	const badModalities = modalities.length > 1 || modalities.some((name) => name !== "AUDIO" && !(name === "TEXT" && profile.textModality));
	const badVoice = setup.multiSpeakerVoice || setup.voiceName !== void 0 && !VOICE_NAMES.includes(setup.voiceName);
	return badModalities || badVoice || refusesThinking(setup, profile) || setup.affectiveDialog && !profile.affectiveDialog || setup.proactiveAudio === false && profile.proactivityFixed || setup.functions.some((tool) => tool.behavior === "BLOCKING" && !profile.blockingFunctions) || !validFunctionNames(setup) ? CLOSE_REASONS.invalidArgument : void 0;
}
function refusesThinking(setup, profile) {
	if (!setup.thinking) return false;
	const { level, budget } = setup.thinking;
	switch (profile.thinking) {
		case "absent": return true;
		case "budget": return level !== void 0;
		case "level": return budget !== void 0;
		case "level-not-minimal": return budget !== void 0 || level === "MINIMAL";
		case "any": return false;
	}
}
function validFunctionNames(setup) {
	const names = setup.functions.map((tool) => tool.name);
	return names.every((name) => /^[A-Za-z_][\w.:-]{0,63}$/.test(name)) && new Set(names).size === names.length;
}
// libs/emulator/src/session/emulator-session.ts
const MAX_WAITING$1 = 256;
/**
* One connection as Google's server sees it: frames in, messages and a close out. Knows no socket, and takes all
* time from the environment's clock.
*
* 1. The first message must be a setup; nothing is sent before it was accepted, and then `setupComplete` first.
* 2. A message that can't be decoded or that the model would refuse hangs up with Google's code and reason.
* 3. Hangs up at most once; after that and after `close` nothing is sent.
*/
var EmulatorSession = class {
	#options;
	#phase = { kind: "awaitingSetup" };
	#calls = 0;
	constructor(options) {
		this.#options = options;
	}
	/** Undefined until a setup was accepted. */
	get setup() {
		return "setup" in this.#phase ? this.#phase.setup : void 0;
	}
	/** The part that lives from `setupComplete` on. */
	get live() {
		return this.#phase.kind === "live" ? this.#phase.live : void 0;
	}
	/** One text frame of the client. */
	onFrame(text) {
		if (this.#phase.kind === "closed") return;
		let message;
		try {
			message = decodeClientMessage(text);
		} catch (thrown) {
			this.hangUp(reasonOfBadMessage(thrown));
			return;
		}
		this.#accept(message);
	}
	hangUp(reason) {
		if (this.#phase.kind === "closed") return;
		this.close();
		this.#options.hangUp(reason);
	}
	/** The connection is gone. */
	close() {
		this.live?.close();
		this.#phase = { kind: "closed" };
	}
	#accept(message) {
		switch (this.#phase.kind) {
			case "awaitingSetup":
				if (message.kind === "setup") this.#setUp(message.setup);
				else this.hangUp(CLOSE_REASONS.setupExpected);
				return;
			case "restoring":
				if (this.#phase.waiting.length < MAX_WAITING$1) this.#phase.waiting.push(message);
				return;
			case "live": {
				const refused = this.#phase.live.accept(message);
				if (refused) this.hangUp(refused);
				return;
			}
		}
	}
	#setUp(setup) {
		const { behaviour, version, owner, environment } = this.#options;
		const byModel = profileOfModel(setup.model);
		const profile = behaviour.profile ? profileNamed(behaviour.profile) : byModel;
		if (!profile) return this.hangUp(modelNotFound(setup.model, version));
		const refused = refuseSetup(setup, profile);
		if (refused) return this.hangUp(refused);
		if (behaviour.setupAnswer === "never") return;
		const handle = setup.resumption?.handle;
		if (handle === void 0) return this.#goLive(setup, profile, void 0);
		this.#phase = {
			kind: "restoring",
			setup,
			waiting: []
		};
		environment.resumption.load(owner, handle).then((snapshot) => this.#restore(setup, profile, snapshot), (error) => {
			environment.log.warn("a resumption snapshot could not be loaded", { error });
			this.hangUp(CLOSE_REASONS.internal);
		});
	}
	#restore(setup, profile, snapshot) {
		if (this.#phase.kind !== "restoring") return;
		const { waiting } = this.#phase;
		if (!snapshot) return this.hangUp(CLOSE_REASONS.entityNotFound);
		if (snapshot.model !== bareModelName(setup.model)) return this.hangUp(CLOSE_REASONS.invalidArgument);
		this.#goLive(setup, profile, snapshot);
		for (const message of waiting) this.#accept(message);
	}
	#goLive(setup, profile, restored) {
		const { id, api, send } = this.#options;
		send({ setupComplete: api === "vertex" ? { sessionId: id } : {} });
		const live = new LiveSession({
			...this.#options,
			setup,
			profile,
			restored,
			newCallId: () => this.#newCallId(),
			hangUp: (reason) => this.hangUp(reason)
		});
		this.#phase = {
			kind: "live",
			setup,
			live
		};
	}
	/** Unique within the session's connection; digits as Google's are. */
	#newCallId() {
		this.#calls += 1;
		return `function-call-${Math.floor(this.#options.random() * 0x38d7ea4c68000)}${String(this.#calls).padStart(4, "0")}`;
	}
};
// libs/emulator/src/session/pace-ticker.ts
const TICK_MS = 10;
/**
* The one ticker that paces all sessions of a process.
*
* 1. Due times are absolute: a late tick makes one message late, not those after it.
* 2. What falls due in one tick runs in order of due time, then of scheduling.
* 3. It ticks only while something is scheduled; how late each run was is recorded.
*/
var PaceTicker = class {
	#clock;
	#lag;
	#entries = /* @__PURE__ */ new Set();
	#stop;
	constructor(clock, lag) {
		this.#clock = clock;
		this.#lag = lag;
	}
	/** Runs at the first tick at or after `dueMs` on the clock's monotonic time. */
	at(dueMs, run) {
		const entry = {
			dueMs,
			run
		};
		this.#entries.add(entry);
		this.#stop ??= this.#clock.every(TICK_MS, () => this.#tick());
		return () => void this.#entries.delete(entry);
	}
	close() {
		this.#entries.clear();
		this.#stop?.();
		this.#stop = void 0;
	}
	#tick() {
		const nowMs = this.#clock.monotonicMs();
		const due = [...this.#entries].filter((entry) => entry.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
		for (const entry of due) {
			if (!this.#entries.delete(entry)) continue;
			this.#lag.record(nowMs - entry.dueMs);
			entry.run();
		}
		if (this.#entries.size === 0) {
			this.#stop?.();
			this.#stop = void 0;
		}
	}
};
// libs/emulator/src/session/resumption-store.ts
const TTL_MS = 72e5;
const MAX_SNAPSHOTS = 2e3;
/** Keeps the newest 2,000 snapshots of this process for two hours, as Google does. */
var MemoryResumptionStore = class {
	#clock;
	#kept = /* @__PURE__ */ new Map();
	constructor(clock) {
		this.#clock = clock;
	}
	save(owner, snapshot) {
		const handle = randomBytes(24).toString("base64url");
		this.#kept.set(handle, {
			owner,
			snapshot,
			expiresAtMs: this.#clock.nowMs() + TTL_MS
		});
		for (const [oldest] of this.#kept) {
			if (this.#kept.size <= MAX_SNAPSHOTS) break;
			this.#kept.delete(oldest);
		}
		return Promise.resolve(handle);
	}
	load(owner, handle) {
		const kept = this.#kept.get(handle);
		const good = kept !== void 0 && kept.owner === owner && kept.expiresAtMs > this.#clock.nowMs();
		return Promise.resolve(good ? kept.snapshot : void 0);
	}
};
/** An owner's name that doesn't give away the credential it is made of. */
function ownerOfCredential(credential) {
	return createHash("sha256").update(credential).digest("base64url");
}
// libs/emulator/src/session/behaviour.ts
/** Google's habits. */
const DEFAULT_BEHAVIOUR = {
	profile: void 0,
	thinkMs: 300,
	thinkJitterMs: 100,
	chunkMs: 200,
	speed: 4,
	turnEnds: "playback",
	silenceDurationMs: 800,
	connectionMs: 6e5,
	goAwayLeadMs: 6e4,
	discloses: true,
	strictToolIds: false,
	setupAnswer: "normal",
	refuseUpgradeStatus: void 0,
	load: false
};
// libs/emulator/src/server/emulator-options.ts
/** With real speech the time to think is spent on understanding and synthesis. */
const REAL_BEHAVIOUR = {
	thinkMs: 0,
	thinkJitterMs: 0,
	silenceDurationMs: 450
};
const BUILT_IN_SCENARIOS = {
	default: {},
	permissive: { profile: "permissive" },
	load: { load: true }
};
/** The behaviour of each scenario. */
function scenariosOf(options) {
	const mode = options.speech?.mode ?? "synthetic";
	const common = {
		...DEFAULT_BEHAVIOUR,
		...mode === "real" && REAL_BEHAVIOUR,
		...mode === "cheap" && { load: true },
		...options.behaviour
	};
	const changes = Object.entries({
		...BUILT_IN_SCENARIOS,
		...options.scenarios
	});
	return new Map(changes.map(([name, change]) => [name, {
		...common,
		...change
	}]));
}
// libs/emulator/src/session/lag-histogram.ts
const BOUNDS_MS = [
	1,
	2,
	5,
	10,
	20,
	50,
	100,
	200,
	500,
	1e3,
	Number.POSITIVE_INFINITY
];
/** How late paced messages went out. A bench during which p99 exceeds 20 ms says nothing about the client. */
var LagHistogram = class {
	#counts = BOUNDS_MS.map(() => 0);
	#total = 0;
	#maxMs = 0;
	record(lagMs) {
		const bucket = BOUNDS_MS.findIndex((bound) => lagMs <= bound);
		this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
		this.#total += 1;
		this.#maxMs = Math.max(this.#maxMs, lagMs);
	}
	get count() {
		return this.#total;
	}
	get maxMs() {
		return this.#maxMs;
	}
	/** The upper bound of the bucket in which the quantile lies; 0 when nothing was recorded. */
	quantileMs(quantile) {
		let seen = 0;
		for (const [index, bound] of BOUNDS_MS.entries()) {
			seen += this.#counts[index] ?? 0;
			if (this.#total > 0 && seen >= quantile * this.#total) return Math.min(bound, this.#maxMs);
		}
		return 0;
	}
};
// libs/emulator/src/server/emulator-stats.ts
/** What an emulator counts, since its start. */
var EmulatorStats = class {
	sessionsOpened = 0;
	sessionsClosed = 0;
	framesIn = 0;
	framesOut = 0;
	bytesIn = 0;
	bytesOut = 0;
	/** Connections cut off because the client read too slowly. */
	slowClients = 0;
	/** How late paced messages went out. */
	lag = new LagHistogram();
};
// libs/emulator/src/server/event-log.ts
/** The newest events of one session; older ones are dropped. Kept in memory only. */
var EventLog = class {
	#clock;
	#capacity;
	#events = [];
	/** A capacity of 0 records nothing and costs nothing. */
	constructor(clock, capacity) {
		this.#clock = clock;
		this.#capacity = capacity;
	}
	get events() {
		return this.#events;
	}
	recordFrame(text) {
		if (this.#capacity === 0) return;
		try {
			this.#add("in", JSON.parse(text));
		} catch {
			this.#add("in", { malformed: text.slice(0, 200) });
		}
	}
	recordMessage(message) {
		if (this.#capacity > 0) this.#add("out", message);
	}
	#add(direction, message) {
		const shown = JSON.parse(JSON.stringify(message, hideMedia));
		this.#events.push({
			atMs: this.#clock.monotonicMs(),
			direction,
			kind: kindOf(message),
			message: shown
		});
		if (this.#events.length > this.#capacity) this.#events = this.#events.slice(-this.#capacity);
	}
};
function hideMedia(name, value) {
	return name === "data" && typeof value === "string" ? `(${value.length} base64 characters)` : value;
}
function kindOf(message) {
	if (typeof message !== "object" || message === null) return "malformed";
	return Object.entries(message).flatMap(([kind, body]) => /^(serverContent|realtimeInput|realtime_input)$/.test(kind) && typeof body === "object" && body !== null ? Object.keys(body).map((field) => `${kind}.${field}`) : [kind]).join(" ");
}
// libs/emulator/src/server/live-path.ts
const GEMINI = /^ws\/google\.ai\.generativelanguage\.(v1|v1alpha|v1beta|v1beta1)\.GenerativeService\.BidiGenerateContent(?:Constrained)?$/;
const VERTEX = /^ws\/google\.cloud\.aiplatform\.(v1|v1alpha|v1beta|v1beta1)\.LlmBidiService\/BidiGenerateContent$/;
/**
* Reads a request target. SDKs write double slashes (`//ws/google…`), which `new URL` would take for a host, so
* that empty segments are dropped first. The bare path is what the SDK uses in Vertex proxy mode. Undefined when
* there is no such service.
*/
function readLivePath(target) {
	const [path = ""] = target.split("?", 1);
	let segments = path.split("/").filter((segment) => segment !== "");
	let scenario = "default";
	if (segments[0] === "s" && segments[1] !== void 0) {
		scenario = segments[1];
		segments = segments.slice(2);
	}
	if (segments.length === 0) return {
		api: "vertex",
		version: "v1beta1",
		scenario
	};
	const service = segments.join("/");
	const gemini = GEMINI.exec(service);
	if (gemini) return {
		api: "gemini",
		version: gemini[1] ?? "",
		scenario
	};
	const vertex = VERTEX.exec(service);
	return vertex ? {
		api: "vertex",
		version: vertex[1] ?? "",
		scenario
	} : void 0;
}
/** Whatever the client proves itself with; '' for nothing. Only ever hashed. */
function credentialOf(target, headers) {
	const query = new URLSearchParams(target.slice(target.indexOf("?") + 1));
	const given = query.get("key") ?? query.get("access_token") ?? headers["x-goog-api-key"] ?? headers.authorization;
	return typeof given === "string" ? given : "";
}
// libs/emulator/src/server/seeded-random.ts
/** mulberry32: the same seed gives the same numbers, 0…1, everywhere. */
function seededRandom(seed) {
	let state = seed >>> 0;
	return () => {
		state = state + 1831565813 >>> 0;
		let mixed = Math.imul(state ^ state >>> 15, 1 | state);
		mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
		return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
	};
}
// libs/emulator/src/input/caption-agreement.ts
/**
* Turns repeated transcriptions of a growing utterance into captions that are only ever added to, as Gemini's
* are: a word is given out once two transcriptions in a row agree on it and on all before it.
*/
var CaptionAgreement = class {
	#last = [];
	#given = 0;
	/** A transcription of the utterance so far; answers the words that are now certain, '' for none. */
	offer(text) {
		const words = wordsOf(text);
		let agreed = 0;
		while (agreed < words.length && agreed < this.#last.length && same(words[agreed], this.#last[agreed])) agreed += 1;
		this.#last = words;
		return this.#give(words, agreed);
	}
	/** The whole utterance's transcription; answers what was not given out yet. */
	finish(text) {
		const words = wordsOf(text);
		return this.#give(words, words.length);
	}
	#give(words, upTo) {
		if (upTo <= this.#given) return "";
		const piece = words.slice(this.#given, upTo).join(" ");
		const spaced = this.#given > 0 ? ` ${piece}` : piece;
		this.#given = upTo;
		return spaced;
	}
};
function wordsOf(text) {
	return text.split(/\s+/).filter((word) => word !== "");
}
function same(one, other) {
	return bare(one) === bare(other);
}
function bare(word) {
	return (word ?? "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
// libs/emulator/src/input/utterance.ts
/** Speech-to-text models of this size take 30 s at once; longer speech is understood in segments. */
const SEGMENT_BYTES = 28 * HEARING_RATE_HZ$1 * 2;
/** How often captions are drafted; more seldom as the speech grows, since each draft reads all of it. */
const CAPTION_EVERY_MS = 1e3;
const MAX_WORDS = 600;
/**
* One stretch of the user's speech.
*
* 1. Words told by a watermark win over transcription; with neither, the text is such as "(speech 1.4 s)".
* 2. Captions only ever add to each other; with `caption` at the end they give the text.
* 3. Holds at most one segment of audio (28 s) beside those under transcription, and 600 watermarked words.
*/
var Utterance = class {
	#options;
	#abort = new AbortController();
	#captions = new CaptionAgreement();
	#words = [];
	#segments = [];
	#windows = [];
	#bytes = 0;
	#durationMs = 0;
	#captionDueMs = CAPTION_EVERY_MS;
	#drafting;
	constructor(options) {
		this.#options = options;
	}
	addWindow(window) {
		this.#durationMs += 32;
		if (!this.#options.transcribe) return;
		this.#windows.push(window);
		this.#bytes += window.length;
		if (this.#bytes >= SEGMENT_BYTES) this.#closeSegment();
		if (this.#durationMs >= this.#captionDueMs) {
			this.#captionDueMs = this.#durationMs + Math.max(CAPTION_EVERY_MS, this.#durationMs / 4);
			this.#draftCaption();
		}
	}
	addWords(words) {
		if (this.#words.length >= MAX_WORDS) return;
		this.#words.push(words);
		const piece = this.#captions.finish(this.#words.join(" "));
		this.#options.onCaption?.(piece);
	}
	/** The speech is over: what was said. */
	async understand() {
		this.#drafting?.abort();
		const text = await this.#text();
		const wanted = this.#options.onCaption !== void 0;
		return {
			text: text ?? `(speech ${(this.#durationMs / 1e3).toFixed(1)} s)`,
			understood: text !== void 0,
			durationMs: this.#durationMs,
			caption: wanted && text !== void 0 ? this.#captions.finish(text) : ""
		};
	}
	cancel() {
		this.#abort.abort();
		this.#drafting?.abort();
	}
	async #text() {
		if (this.#words.length > 0) return this.#words.join(" ");
		this.#closeSegment();
		if (this.#segments.length === 0) return void 0;
		try {
			return (await Promise.all(this.#segments)).filter((text) => text !== "").join(" ");
		} catch {
			return;
		}
	}
	#closeSegment() {
		const { transcribe } = this.#options;
		if (transcribe && this.#words.length === 0 && this.#bytes > 0) {
			this.#drafting?.abort();
			const text = transcribe(this.#audio(), this.#abort.signal);
			text.catch(() => void 0);
			this.#segments.push(text);
		}
		this.#windows = [];
		this.#bytes = 0;
	}
	/** Captions while the first segment runs; one transcription at a time, whatever the machine can do. */
	#draftCaption() {
		const { transcribe, onCaption } = this.#options;
		if (!transcribe || !onCaption || this.#drafting || this.#words.length > 0 || this.#segments.length > 0) return;
		const drafting = new AbortController();
		this.#drafting = drafting;
		transcribe(this.#audio(), drafting.signal).then((text) => {
			if (drafting.signal.aborted) return;
			const piece = this.#captions.offer(text);
			if (piece !== "") onCaption(piece);
		}).catch(() => void 0).finally(() => {
			if (this.#drafting === drafting) this.#drafting = void 0;
		});
	}
	#audio() {
		const pcm = new Uint8Array(this.#bytes);
		let at = 0;
		for (const window of this.#windows) {
			pcm.set(window, at);
			at += window.length;
		}
		return pcm;
	}
};
// libs/emulator/src/input/ear.ts
const PRE_ROLL_WINDOWS = 10;
const MAX_EARLY_WORDS = 50;
/** Half a minute of audio in 100 ms chunks. */
const MAX_TASKS = 300;
/**
* Listens to one microphone: finds where speech begins and ends, and what was said.
*
* 1. Works in stream order; what takes long (a detector in a thread) delays what comes after it. When more than
*    300 chunks wait, the oldest audio is dropped and counted.
* 2. Every `onSpeechStart` is followed by exactly one `onUtterance`, unless the ear is closed before.
* 3. Utterances are reported in the order in which they were spoken.
*/
var Ear = class {
	#options;
	#intake = new AudioIntake();
	#tasks = [];
	#working = false;
	#closed = false;
	#preRoll = [];
	#earlyWords = [];
	#utterance;
	#reported = Promise.resolve();
	#droppedChunks = 0;
	#warned = false;
	constructor(options) {
		this.#options = options;
	}
	get droppedChunks() {
		return this.#droppedChunks;
	}
	accept(bytes, rateHz) {
		this.#queue({
			kind: "audio",
			bytes,
			rateHz
		});
	}
	/** The microphone pauses (`audioStreamEnd`): speech under way ends here. */
	streamEnd() {
		this.#queue({ kind: "streamEnd" });
	}
	activityStart() {
		this.#queue({ kind: "activityStart" });
	}
	activityEnd() {
		this.#queue({ kind: "activityEnd" });
	}
	close() {
		if (this.#closed) return;
		this.#closed = true;
		this.#tasks.length = 0;
		this.#utterance?.cancel();
		this.#options.detector?.close();
	}
	#queue(task) {
		if (this.#closed) return;
		this.#tasks.push(task);
		if (this.#tasks.length > MAX_TASKS) {
			this.#tasks.splice(this.#tasks.findIndex(({ kind }) => kind === "audio"), 1);
			this.#droppedChunks += 1;
		}
		if (!this.#working) this.#work();
	}
	async #work() {
		this.#working = true;
		for (let task = this.#tasks.shift(); task && !this.#closed; task = this.#tasks.shift()) try {
			await this.#perform(task);
		} catch (error) {
			if (!this.#warned) this.#options.log.warn("listening fails", { error });
			this.#warned = true;
		}
		this.#working = false;
	}
	async #perform(task) {
		switch (task.kind) {
			case "audio":
				await this.#hear(await this.#intake.push(task.bytes, task.rateHz));
				break;
			case "streamEnd":
				await this.#hear(this.#intake.flush());
				this.#cross(this.#options.detector?.flush() ?? []);
				break;
			case "activityStart":
				this.#begin();
				break;
			case "activityEnd":
				await this.#hear(this.#intake.flush());
				this.#end();
		}
	}
	async #hear(items) {
		for (const item of items) {
			if (item.kind === "words") {
				this.#note(item.text);
				continue;
			}
			if (this.#utterance) this.#utterance.addWindow(item.pcm);
			else this.#rememberWindow(item.pcm);
			const edges = this.#options.detector?.push(item.pcm, item.marked) ?? [];
			this.#cross(edges instanceof Promise ? await edges : edges);
		}
	}
	#note(words) {
		if (this.#utterance) this.#utterance.addWords(words);
		else {
			this.#earlyWords.push(words);
			if (this.#earlyWords.length > MAX_EARLY_WORDS) this.#earlyWords.shift();
		}
	}
	#rememberWindow(window) {
		this.#preRoll.push(window);
		if (this.#preRoll.length > PRE_ROLL_WINDOWS) this.#preRoll.shift();
	}
	#cross(edges) {
		for (const edge of edges) if (edge.kind === "start") this.#begin();
		else this.#end();
	}
	#begin() {
		if (this.#utterance || this.#closed) return;
		const { captions, transcribe, onCaption, onSpeechStart } = this.#options;
		onSpeechStart();
		this.#utterance = new Utterance({
			transcribe,
			...captions && { onCaption }
		});
		for (const window of this.#preRoll) this.#utterance.addWindow(window);
		for (const words of this.#earlyWords) this.#utterance.addWords(words);
		this.#preRoll = [];
		this.#earlyWords = [];
	}
	#end() {
		const utterance = this.#utterance;
		if (!utterance) return;
		this.#utterance = void 0;
		const understood = utterance.understand();
		this.#reported = this.#reported.then(async () => {
			const heard = await understood;
			if (!this.#closed) this.#options.onUtterance({
				...heard,
				speakingAgain: this.#utterance !== void 0
			});
		});
	}
};
// libs/emulator/src/input/neural-detector.ts
const START_ABOVE = {
	HIGH: .5,
	LOW: .7
};
const END_BELOW = .35;
/** Three windows, about 100 ms, as Google's default prefix padding. */
const START_WINDOWS = 3;
/**
* Speech by a neural detector's probabilities.
*
* 1. A start is reported after an unbroken run of windows above 0.5 that lasts the prefix padding (96 ms unless
*    set); it lies at the first of them.
* 2. An end is reported when windows below 0.35 have lasted the silence duration; it lies at the first of them.
* 3. A watermarked window counts as certain speech, since synthetic test speech need not sound like speech.
*/
var NeuralDetector = class {
	#vad;
	#startAbove;
	#startWindows;
	#endWindows;
	#window = 0;
	#run = 0;
	#speaking = false;
	constructor(vad, setup, unsetSilenceMs) {
		this.#vad = vad;
		this.#startAbove = START_ABOVE[setup.startSensitivity ?? "HIGH"];
		this.#startWindows = setup.prefixPaddingMs === void 0 ? START_WINDOWS : Math.max(1, Math.round(setup.prefixPaddingMs / 32));
		this.#endWindows = Math.max(1, Math.round(silenceDurationOf(setup, unsetSilenceMs) / 32));
	}
	async push(window, marked) {
		const heard = await this.#vad.accept(window);
		const probability = marked ? 1 : heard;
		this.#window += 1;
		const counts = this.#speaking ? probability < END_BELOW : probability > this.#startAbove;
		this.#run = counts ? this.#run + 1 : 0;
		if (this.#run < (this.#speaking ? this.#endWindows : this.#startWindows)) return [];
		return [this.#cross()];
	}
	flush() {
		return this.#speaking ? [this.#cross()] : [];
	}
	close() {
		this.#vad.close();
	}
	#cross() {
		const edge = {
			kind: this.#speaking ? "end" : "start",
			atMs: Math.round((this.#window - this.#run) * 32)
		};
		this.#speaking = !this.#speaking;
		this.#run = 0;
		return edge;
	}
};
// libs/emulator/src/voice/engine-voice.ts
const DEFAULT_VOICE = "Kore";
/** A pause between sentences, which the engine doesn't make by itself. */
const PAUSE_SAMPLES = VOICE_RATE_HZ * .15;
/** Below this a sample counts as silence when the speech's borders are looked for. */
const QUIET = 300;
/**
* Speech of a local engine, marked with its words like all of the emulator's speech. A sentence that the engine
* can't speak is spoken by `fallback`.
*/
function engineVoices(engine, fallback, log) {
	return (voiceName) => ({ async speak(sentence, signal) {
		try {
			return markEngineSpeech(sentence, samplesOf(await engine.synthesize(sentence, voiceName ?? DEFAULT_VOICE, signal)));
		} catch (error) {
			if (signal.aborted) throw new ParleyError("internal", "Speaking was cancelled.", { cause: error });
			log.warn("the speech engine failed on a sentence, a synthetic voice speaks it", { error });
			return fallback(voiceName).speak(sentence, signal);
		}
	} });
}
function markEngineSpeech(sentence, speech) {
	const loud = (sample) => Math.abs(sample) > QUIET;
	const from = Math.max(0, speech.findIndex(loud));
	const to = speech.findLastIndex(loud) + 1;
	const samples = new Int16Array(speech.length + PAUSE_SAMPLES);
	samples.set(speech);
	return markSpeech(samples, spreadWords(sentence, from, to > from ? to : samples.length));
}
// libs/emulator/src/server/senses.ts
/**
* Ears and voices from what the engine can do; whatever it can't (or all, without one) is done by loudness, by
* watermark and by the synthetic voice. The engine stays its owner's to close.
*/
function sensesOf(engine, log) {
	const can = engine?.capabilities;
	const formants = formantVoices();
	return {
		voices: engine && can?.synthesis.available ? engineVoices(engine, formants, log) : formants,
		openEar: (detection, unsetSilenceMs, options) => {
			const openDetector = () => engine && can?.vad.available ? new NeuralDetector(engine.openVad(), detection, unsetSilenceMs) : energyDetector(detection, unsetSilenceMs);
			const transcribe = engine && can?.transcription.available ? (pcm16k, signal) => engine.transcribe(pcm16k, signal) : void 0;
			return new Ear({
				...options,
				detector: detection.disabled ? void 0 : openDetector(),
				transcribe,
				log
			});
		}
	};
}
// libs/emulator/src/server/session-connection.ts
/** A client that reads this slowly is cut off. */
const MAX_BUFFERED_BYTES = 16777216;
const MAX_STALLED = 1e3;
/**
* Joins one WebSocket and one session: frames in, messages out, and the end of either to the other. Owns the
* socket.
*
* 1. Messages leave in the order in which they were given, also across a stall.
* 2. When the socket is gone the session is closed; a session that hangs up closes the socket.
*/
var SessionConnection = class {
	label = "emulated";
	#options;
	#served;
	#stalled;
	#closed = false;
	constructor(options) {
		this.#options = options;
	}
	get id() {
		return this.#options.id;
	}
	get scenario() {
		return this.#options.scenario;
	}
	get api() {
		return this.#options.api;
	}
	get setup() {
		return this.#served?.kind === "conversation" ? this.#served.session.setup : void 0;
	}
	get closed() {
		return this.#closed;
	}
	get events() {
		return this.#options.log.events;
	}
	/** Begins to serve the socket. */
	serve(served) {
		const { socket } = this.#options;
		this.#served = served;
		socket.on("message", (data) => this.#receive(data));
		socket.on("error", () => void 0);
		socket.on("close", () => this.#end());
	}
	send(message) {
		this.#options.log.recordMessage(message);
		this.sendFrame(encodeServerMessage(message, this.#options.frames));
	}
	sendFrame(frame) {
		if (this.#stalled) {
			if (this.#stalled.length < MAX_STALLED) this.#stalled.push(frame);
			return;
		}
		const { socket, frames, stats } = this.#options;
		if (socket.readyState !== socket.OPEN) return;
		if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
			stats.slowClients += 1;
			socket.terminate();
			return;
		}
		stats.framesOut += 1;
		stats.bytesOut += frame.length;
		socket.send(frame, { binary: frames === "pretty-binary" });
	}
	closeSocket({ code, reason }) {
		this.hangUp(code, reason);
	}
	inject(reply) {
		if (this.#served?.kind === "conversation") this.#served.session.live?.inject(reply);
	}
	goAway(timeLeftMs) {
		if (this.#served?.kind === "conversation") this.#served.session.live?.goAway(timeLeftMs);
	}
	hangUp(code, reason) {
		this.#options.log.recordMessage({ close: {
			code,
			reason
		} });
		this.#served?.session.close();
		this.#options.socket.close(code, clipReason(reason));
	}
	reset() {
		this.#options.socket.terminate();
	}
	stall() {
		this.#stalled ??= [];
	}
	resume() {
		const held = this.#stalled ?? [];
		this.#stalled = void 0;
		for (const frame of held) this.sendFrame(frame);
	}
	sendRaw(text) {
		this.sendFrame(text);
	}
	#receive(data) {
		const { log, stats } = this.#options;
		const frame = Buffer.isBuffer(data) ? data : Buffer.from(data);
		stats.framesIn += 1;
		stats.bytesIn += frame.length;
		if (this.#served?.kind === "load") this.#served.session.onFrame(frame);
		else {
			const text = frame.toString();
			log.recordFrame(text);
			this.#served?.session.onFrame(text);
		}
	}
	#end() {
		if (this.#closed) return;
		this.#closed = true;
		this.#served?.session.close();
		this.#options.onClosed();
	}
};
// libs/emulator/src/server/start-emulator.ts
/** Google's own limit is not known; this takes any sensible message. */
const MAX_MESSAGE_BYTES = 16777216;
const KEEP_ALIVE_MS = 3e4;
/** Listens, and answers when clients can connect. Rejects when the port can't be had. */
async function startEmulator(options = {}) {
	const cheap = options.speech?.mode === "cheap";
	const style = options.frames ?? (cheap ? "compact-text" : "pretty-binary");
	const emulator = new Emulator(options, style, await encodeLoadFrames(style));
	await emulator.listen(options.host ?? "127.0.0.1", options.port ?? 0);
	return emulator;
}
/** The listening server and all its sessions; owns the HTTP server, the tickers and every connection. */
var Emulator = class {
	stats = new EmulatorStats();
	#options;
	#style;
	#scenarios;
	#environment;
	#ticker;
	#loadFrames;
	#wheel;
	#http;
	#webSockets;
	#open = /* @__PURE__ */ new Set();
	#closing;
	#host = "";
	constructor(options, style, loadFrames) {
		const clock = options.clock ?? systemClock;
		const log = options.log ?? silentLog;
		const engine = options.speech?.mode === "real" ? options.speech.engine : void 0;
		this.#options = options;
		this.#style = style;
		this.#scenarios = scenariosOf(options);
		this.#loadFrames = loadFrames;
		this.#ticker = new PaceTicker(clock, this.stats.lag);
		this.#wheel = new LoadWheel(clock, this.stats.lag);
		this.#environment = {
			clock,
			ticker: this.#ticker,
			brain: new RuleBrain(),
			senses: sensesOf(engine, log),
			resumption: options.resumption ?? new MemoryResumptionStore(clock),
			log
		};
		this.#http = createServer(options.onRequest ?? ((_request, response) => response.writeHead(404).end()));
		this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
		this.#webSockets = new WebSocketServer({
			noServer: true,
			perMessageDeflate: false,
			maxPayload: MAX_MESSAGE_BYTES,
			skipUTF8Validation: options.speech?.mode === "cheap"
		});
	}
	get port() {
		return this.#http.address().port;
	}
	get url() {
		return `http://${this.#host.includes(":") ? `[${this.#host}]` : this.#host}:${this.port}`;
	}
	sessions() {
		return [...this.#open];
	}
	listen(host, port) {
		this.#host = host;
		return new Promise((resolve, reject) => {
			this.#http.once("error", (cause) => {
				reject(new ParleyError("internal", "The emulator could not listen.", {
					details: { port },
					cause
				}));
			});
			this.#http.listen(port, host, () => resolve());
		});
	}
	close() {
		this.#closing ??= new Promise((resolve) => {
			this.#ticker.close();
			this.#wheel.close();
			for (const connection of this.#open) connection.reset();
			this.#webSockets.close();
			this.#http.close(() => resolve());
			this.#http.closeAllConnections();
		});
		return this.#closing;
	}
	#upgrade(request, socket, head) {
		const target = request.url ?? "/";
		const path = readLivePath(target);
		const behaviour = path && this.#scenarios.get(path.scenario);
		const refusal = this.#closing ? 503 : path && behaviour ? behaviour.refuseUpgradeStatus : 404;
		socket.on("error", () => socket.destroy());
		if (refusal !== void 0 || !path || !behaviour) {
			socket.end(`HTTP/1.1 ${refusal ?? 404} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
			return;
		}
		const owner = ownerOfCredential(credentialOf(target, request.headers));
		request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
		request.socket.setNoDelay(true);
		this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
			this.#serve(webSocket, path, behaviour, owner);
		});
	}
	#serve(socket, path, behaviour, owner) {
		const { clock } = this.#environment;
		this.stats.sessionsOpened += 1;
		const connection = new SessionConnection({
			id: newId("emu"),
			scenario: path.scenario,
			api: path.api,
			socket,
			frames: this.#style,
			log: new EventLog(clock, behaviour.load ? 0 : this.#options.eventsPerSession ?? 500),
			stats: this.stats,
			onClosed: () => {
				this.stats.sessionsClosed += 1;
				this.#open.delete(connection);
			}
		});
		this.#open.add(connection);
		const random = seededRandom((this.#options.seed ?? 1) * 1000003 + this.stats.sessionsOpened);
		connection.serve(behaviour.load ? {
			kind: "load",
			session: this.#loadSession(connection, random)
		} : {
			kind: "conversation",
			session: this.#conversation(connection, path, behaviour, owner, random)
		});
	}
	#loadSession(connection, random) {
		return new LoadSession({
			frames: this.#loadFrames,
			wheel: this.#wheel,
			random,
			send: (frame) => connection.sendFrame(frame),
			hangUp: (reason) => connection.closeSocket(reason)
		});
	}
	#conversation(connection, { api, version }, behaviour, owner, random) {
		return new EmulatorSession({
			id: connection.id,
			api,
			version,
			owner,
			behaviour,
			environment: this.#environment,
			random,
			send: (message) => connection.send(message),
			hangUp: (reason) => connection.closeSocket(reason)
		});
	}
};
// libs/telemetry/src/pino-log.ts
/** Structured lines on standard error, one JSON object each; secrets that slip into fields are masked. */
function openLog(options) {
	return new PinoLog(pino({
		level: options.level,
		base: options.fields,
		timestamp: pino.stdTimeFunctions.isoTime,
		formatters: { level: (label) => ({ level: label }) },
		redact: {
			paths: [
				"*.apiKey",
				"*.token",
				"*.authorization",
				"apiKey",
				"token",
				"authorization"
			],
			censor: "[masked]"
		},
		serializers: { error: pino.stdSerializers.err }
	}, pino.destination({
		fd: 2,
		sync: true
	})));
}
var PinoLog = class PinoLog {
	#logger;
	constructor(logger) {
		this.#logger = logger;
	}
	debug(message, fields = {}) {
		this.#logger.debug(fields, message);
	}
	info(message, fields = {}) {
		this.#logger.info(fields, message);
	}
	warn(message, fields = {}) {
		this.#logger.warn(fields, message);
	}
	error(message, fields = {}) {
		this.#logger.error(fields, message);
	}
	with(fields) {
		return new PinoLog(this.#logger.child(fields));
	}
};
// apps/emulator/src/metrics-text.ts
/** The figures of one emulator in Prometheus' text format. */
function metricsText(stats) {
	const { user, system } = process.cpuUsage();
	return [
		[
			"emulator_sessions_open",
			"gauge",
			"Sessions that are open.",
			stats.sessionsOpened - stats.sessionsClosed
		],
		[
			"emulator_sessions_total",
			"counter",
			"Sessions opened since the start.",
			stats.sessionsOpened
		],
		[
			"emulator_frames_in_total",
			"counter",
			"WebSocket messages received.",
			stats.framesIn
		],
		[
			"emulator_frames_out_total",
			"counter",
			"WebSocket messages sent.",
			stats.framesOut
		],
		[
			"emulator_bytes_in_total",
			"counter",
			"Bytes of messages received.",
			stats.bytesIn
		],
		[
			"emulator_bytes_out_total",
			"counter",
			"Bytes of messages sent.",
			stats.bytesOut
		],
		[
			"emulator_slow_clients_total",
			"counter",
			"Clients cut off because they read too slowly.",
			stats.slowClients
		],
		[
			"emulator_pace_lag_p99_seconds",
			"gauge",
			"How late paced messages went out: p99.",
			stats.lag.quantileMs(.99) / 1e3
		],
		[
			"emulator_pace_lag_max_seconds",
			"gauge",
			"How late paced messages went out: longest.",
			stats.lag.maxMs / 1e3
		],
		[
			"process_cpu_seconds_total",
			"counter",
			"CPU time of this process.",
			(user + system) / 1e6
		],
		[
			"process_resident_memory_bytes",
			"gauge",
			"Resident memory of this process.",
			process.memoryUsage.rss()
		]
	].map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`).join("");
}
// libs/config/src/setting.ts
function setting(env, schema, description) {
	return {
		env,
		schema,
		description,
		secret: false
	};
}
function secret(env, schema, description) {
	return {
		env,
		schema,
		description,
		secret: true
	};
}
/** Text → integer within bounds. */
const integer = (min, max) => z.string().regex(/^-?\d+$/, "must be a whole number").transform(Number).pipe(z.number().min(min).max(max));
const integerOr = (fallback, min, max) => z.union([z.undefined().transform(() => fallback), integer(min, max)]);
const textOr = (fallback) => z.string().default(fallback);
const optionalText = z.string().optional();
/** Everything that is wrong with the environment, at once. */
var SettingsError = class extends Error {
	problems;
	constructor(problems) {
		super(`The settings are not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
		this.name = "SettingsError";
		this.problems = problems;
	}
};
/** Reads every setting of `table`; an empty value counts as not set. Throws `SettingsError` with all problems. */
function readSettings(table, env) {
	const problems = [];
	const values = {};
	for (const [name, entry] of Object.entries(table)) {
		const text = rawValue(entry, env, problems);
		const parsed = entry.schema.safeParse(text);
		if (parsed.success) values[name] = parsed.data;
		else problems.push(problemOf(entry, text, parsed.error));
	}
	if (problems.length > 0) throw new SettingsError(problems);
	return values;
}
function rawValue(entry, env, problems) {
	const direct = env[entry.env] || void 0;
	const path = entry.secret ? env[`${entry.env}_FILE`] || void 0 : void 0;
	if (path === void 0) return direct;
	if (direct !== void 0) {
		problems.push(`${entry.env} and ${entry.env}_FILE are both set; give one`);
		return direct;
	}
	try {
		return readFileSync(path, "utf8").trim() || void 0;
	} catch {
		problems.push(`${entry.env}_FILE: the file can not be read`);
		return;
	}
}
function problemOf(entry, text, error) {
	if (text === void 0) return `${entry.env} is missing: ${entry.description}`;
	const shown = entry.secret ? "" : ` (is "${text}")`;
	const reasons = new Set(error.issues.map((issue) => issue.message));
	return `${entry.env}: ${[...reasons].join("; ")}${shown}: ${entry.description}`;
}
// libs/config/src/process-settings.ts
/** sysexits.h EX_CONFIG. */
const EXIT_CONFIG = 78;
/** The process's own settings; prints every problem and ends the process when they are not valid. */
function settingsOfThisProcess(table) {
	try {
		return readSettings(table, process.env);
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(EXIT_CONFIG);
	}
}
// libs/config/src/settings.ts
const port = (fallback) => integerOr(fallback, 0, 65535);
const shared = {
	endWithParent: setting("PARLEY_END_WITH_PARENT", z.enum(["true", "false"]).default("false").transform((text) => text === "true"), "End when standard input closes; set by the local start."),
	host: setting("PARLEY_HOST", textOr("127.0.0.1"), "Address to listen on; 0.0.0.0 in a container."),
	logLevel: setting("PARLEY_LOG_LEVEL", z.enum([
		"debug",
		"info",
		"warn",
		"error"
	]).default("info"), "Least severe log line that is written.")
};
const redis = { redisUrl: secret("REDIS_URL", z.string().regex(/^rediss?:\/\//, "must start with redis:// or rediss://"), "Redis for placement and jobs.") };
const database = { databaseUrl: secret("DATABASE_URL", z.string().regex(/^(file:|postgres(ql)?:\/\/)/, "must start with file: or postgres://"), "SQL for sessions and tenants: file:PATH (embedded) or postgres://….") };
const link = { linkSecret: secret("PARLEY_LINK_SECRET", z.string().min(32, "must have at least 32 characters"), "Shared by gateways and workers; signs the opening frame of their links.") };
const agents = { agentsDir: setting("PARLEY_AGENTS_DIR", textOr("dist/agents"), "Folder with the built agents (*.agent.js).") };
const gatewaySettings = {
	...shared,
	...redis,
	...database,
	...link,
	...agents,
	port: setting("PARLEY_PORT", port(8080), "Port of the API and the console."),
	tokenKey: secret("PARLEY_TOKEN_KEY", z.string().min(1), "Private Ed25519 key (JWK as JSON) that signs client tokens."),
	tokenLifetimeS: setting("PARLEY_TOKEN_LIFETIME_S", integerOr(60, 10, 600), "How long a client token opens a call, in seconds."),
	consoleDir: setting("PARLEY_CONSOLE_DIR", textOr("dist/console"), "Folder with the built console."),
	handshakesPerSecond: setting("PARLEY_HANDSHAKES_PER_S", integerOr(100, 1, 1e5), "Connections accepted per second and process.")
};
const workerSettings = {
	...shared,
	...redis,
	...database,
	...link,
	...agents,
	port: setting("PARLEY_PORT", port(9464), "Port of /livez, /readyz and /metrics."),
	workerId: setting("PARLEY_WORKER_ID", optionalText, "The pod's UID; default: made at start."),
	capacity: setting("PARLEY_CAPACITY", integerOr(80, 1, 1e5), "Live sessions this worker takes."),
	linkPort: setting("PARLEY_LINK_PORT", port(7946), "Port of the relay link; 0 for any free one."),
	advertisedHost: setting("PARLEY_ADVERTISED_HOST", optionalText, "Host name or address under which gateways reach the link; default: PARLEY_HOST."),
	geminiApiKey: secret("GEMINI_API_KEY", optionalText, "Key of the Gemini API."),
	googleApiKey: secret("GOOGLE_API_KEY", optionalText, "The same under its other name."),
	useVertex: setting("GOOGLE_GENAI_USE_VERTEXAI", z.enum([
		"true",
		"false",
		"TRUE",
		"FALSE",
		"1",
		"0"
	]).default("false").transform((text) => /^(true|1)$/i.test(text)), "Use Vertex AI instead of the Gemini API."),
	vertexProject: setting("GOOGLE_CLOUD_PROJECT", optionalText, "Vertex AI: the project."),
	vertexLocation: setting("GOOGLE_CLOUD_LOCATION", optionalText, "Vertex AI: the location."),
	emulatorUrl: setting("PARLEY_EMULATOR_URL", optionalText, "Address of the emulator (http://…), used when no provider key is given."),
	model: setting("PARLEY_MODEL", textOr("gemini-3.8-live"), "Model of agents that name none.")
};
({
	...shared,
	...redis,
	...agents
}), port(9465), integerOr(20, 1, 1e3);
const emulatorSettings = {
	host: shared.host,
	logLevel: shared.logLevel,
	port: setting("PARLEY_PORT", port(9466), "Port of the emulated Live API, /livez, /readyz and /metrics."),
	speech: setting("PARLEY_EMULATOR_SPEECH", z.enum([
		"real",
		"synthetic",
		"cheap"
	]).default("real"), "real: listens and speaks; synthetic: speech-like sounds; cheap: pre-encoded, for load runs.")
};
port(8080), textOr(".parley"), integerOr(2, 1, 16), workerSettings.capacity, redis.redisUrl.schema.optional(), database.databaseUrl.schema.optional(), workerSettings.geminiApiKey, workerSettings.googleApiKey, workerSettings.useVertex, workerSettings.vertexProject, workerSettings.vertexLocation, workerSettings.model;
// apps/emulator/src/program-options.ts
/** sysexits.h EX_USAGE. */
const EXIT_USAGE = 64;
const USAGE = `usage: emulator [--host ADDRESS] [--port 0…65535] [--speech real|synthetic|cheap]
                [--frames pretty-binary|compact-text] [--connection-ms N]
What is not given comes from the environment (docs/configuration.md).
`;
/** Flags win over the environment; prints what is wrong with either and ends the process. */
function optionsOfThisProcess() {
	const settings = settingsOfThisProcess({
		...emulatorSettings,
		endWithParent: gatewaySettings.endWithParent
	});
	try {
		return {
			...settings,
			...readFlags(process.argv.slice(2))
		};
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
		process.exit(EXIT_USAGE);
	}
}
function readFlags(args) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			host: { type: "string" },
			port: { type: "string" },
			speech: { type: "string" },
			frames: { type: "string" },
			"connection-ms": { type: "string" }
		}
	});
	const port = wholeNumber("port", values.port, 65535);
	const speech = oneOf("speech", values.speech, [
		"real",
		"synthetic",
		"cheap"
	]);
	return {
		...values.host !== void 0 && { host: values.host },
		...port !== void 0 && { port },
		...speech !== void 0 && { speech },
		frames: oneOf("frames", values.frames, ["pretty-binary", "compact-text"]),
		connectionMs: wholeNumber("connection-ms", values["connection-ms"], 2 ** 31 - 1)
	};
}
function wholeNumber(flag, text, max) {
	if (text === void 0) return void 0;
	const value = /^\d+$/.test(text) ? Number(text) : NaN;
	if (!(value <= max)) throw wrong(flag, `a whole number up to ${max}`);
	return value;
}
function oneOf(flag, text, options) {
	if (text === void 0) return void 0;
	const option = options.find((each) => each === text);
	if (option === void 0) throw wrong(flag, options.join(", "));
	return option;
}
function wrong(flag, expected) {
	return new ParleyError("invalid_config", `--${flag} must be ${expected}.`, { kind: "invalid_argument" });
}
// libs/speech/src/microphone-vad.ts
const WINDOW_BYTES = 1024;
/** A second of audio: whoever feeds faster than the thread hears must wait. */
const MAX_WAITING = 32;
/**
* One microphone of the voice activity thread, which keeps what the model remembers of it. When the thread is
* started again, the microphone begins anew.
*/
var MicrophoneVad = class {
	#thread;
	#microphone;
	#waiting = 0;
	#closed = false;
	constructor(thread, microphone) {
		this.#thread = thread;
		this.#microphone = microphone;
	}
	async accept(window) {
		if (this.#closed) throw refusal("provider_unavailable", "This microphone is closed.");
		if (window.length !== WINDOW_BYTES) throw refusal("unsupported_audio", "Voice activity is found in windows of 512 samples.");
		if (this.#waiting >= MAX_WAITING) throw refusal("capacity_exhausted", "This microphone is fed too fast.");
		const copy = new Uint8Array(window);
		this.#waiting += 1;
		try {
			const job = {
				kind: "hear",
				microphone: this.#microphone,
				window: copy
			};
			return Number(await this.#thread.perform(job, [copy.buffer]));
		} finally {
			this.#waiting -= 1;
		}
	}
	close() {
		if (this.#closed) return;
		this.#closed = true;
		this.#thread.forget(this.#microphone);
	}
};
function refusal(code, message) {
	return new ParleyError(code, message, { kind: code === "capacity_exhausted" ? "resource_exhausted" : "failed_precondition" });
}
// libs/speech/src/abort-reason.ts
/** What a promise is rejected with when `signal` has aborted: its reason, as an error. */
function abortReason(signal) {
	const reason = signal?.reason;
	return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
// libs/speech/src/speech-thread.ts
const LOAD_DEADLINE_MS = 6e4;
/** The longest job, 30 s of audio, takes some 3 s; whatever takes this long never ends. */
const JOB_DEADLINE_MS = 3e4;
const CLOSE_DEADLINE_MS = 2e3;
/**
* One speech thread, seen from the main thread.
*
* 1. Every job settles: with its result, when the thread dies, when its deadline passes (the thread is then ended
*    and started again), or when the thread is closed.
* 2. A thread that dies is started again, with growing pauses up to half a minute. Only one that never became
*    ready stays down: what it could not load once, it can't load the next time either.
* 3. A job that is aborted is rejected at once; the thread counts as busy until it has said so itself.
*/
var SpeechThread = class {
	#options;
	#backoff = new Backoff({
		firstMs: 100,
		capMs: 3e4,
		jitter: .2
	});
	#pending = /* @__PURE__ */ new Map();
	#phase = { name: "stopped" };
	#onFirstReport;
	#lastId = 0;
	#closing;
	constructor(options) {
		this.#options = options;
	}
	/** Starts the thread; resolves with what it could load, and never rejects. Call once. */
	start() {
		return new Promise((resolve) => {
			this.#onFirstReport = resolve;
			this.#load();
		});
	}
	/** Ready, and with nothing to do. */
	get idle() {
		return this.#phase.name === "ready" && this.#pending.size === 0;
	}
	/** `handOver`: buffers of the job that the thread takes; they are empty here afterwards. */
	perform(job, handOver, signal) {
		const phase = this.#phase;
		if (phase.name !== "ready") return Promise.reject(unavailable("The speech thread is not running.", { retryable: true }));
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(abortReason(signal));
			const onAbort = () => {
				post(phase.worker, {
					kind: "cancel",
					id
				});
				reject(abortReason(signal));
			};
			signal?.addEventListener("abort", onAbort, { once: true });
			const settle = (answer) => {
				return (value) => {
					signal?.removeEventListener("abort", onAbort);
					answer(value);
				};
			};
			const cancelDeadline = this.#options.clock.after(JOB_DEADLINE_MS, () => void phase.worker.terminate());
			this.#pending.set(id, {
				resolve: settle(resolve),
				reject: settle(reject),
				cancelDeadline
			});
			post(phase.worker, {
				kind: "job",
				id,
				job
			}, handOver);
		});
	}
	forget(microphone) {
		if (this.#phase.name === "ready") post(this.#phase.worker, {
			kind: "forget",
			microphone
		});
	}
	/** Idempotent; resolves once the thread is gone. */
	close() {
		return this.#closing ??= this.#close();
	}
	async #close() {
		const phase = this.#phase;
		this.#phase = { name: "stopped" };
		if (phase.name === "resting") phase.cancelRestart();
		if (phase.name === "loading") phase.cancelDeadline();
		this.#rejectAll(unavailable("The speech engine is closed.", { retryable: false }));
		this.#firstReport({});
		if (phase.name === "loading") await phase.worker.terminate();
		if (phase.name === "ready") await endGently(phase.worker, this.#options.clock);
	}
	#load() {
		const { script, serves, clock } = this.#options;
		const worker = new Worker(script, {
			workerData: { serves },
			execArgv: [],
			env: {}
		});
		const cancelDeadline = clock.after(LOAD_DEADLINE_MS, () => void worker.terminate());
		this.#phase = {
			name: "loading",
			worker,
			cancelDeadline
		};
		let cause;
		worker.on("message", (report) => this.#accept(worker, report));
		worker.on("error", (error) => cause = error);
		worker.on("exit", (exitCode) => this.#onExit(worker, exitCode, cause));
	}
	#accept(worker, report) {
		if (report.kind === "ready") {
			if (this.#phase.name !== "loading" || this.#phase.worker !== worker) return;
			this.#phase.cancelDeadline();
			this.#phase = {
				name: "ready",
				worker
			};
			this.#firstReport(report.capabilities);
			this.#options.onIdle?.();
			return;
		}
		const job = this.#pending.get(report.id);
		if (!job) return;
		this.#pending.delete(report.id);
		job.cancelDeadline();
		this.#backoff.reset();
		if (report.kind === "done") job.resolve(report.result);
		else job.reject(new ParleyError(report.code, report.message, report));
		if (this.#pending.size === 0) this.#options.onIdle?.();
	}
	#onExit(worker, exitCode, cause) {
		const phase = this.#phase;
		if (phase.name !== "loading" && phase.name !== "ready" || phase.worker !== worker) return;
		if (phase.name === "loading") phase.cancelDeadline();
		this.#options.log.warn("a speech thread ended", {
			exitCode,
			error: cause
		});
		this.#rejectAll(unavailable("The speech thread ended.", {
			retryable: true,
			cause
		}));
		if (this.#onFirstReport) {
			this.#phase = { name: "stopped" };
			this.#firstReport(allUnavailable(this.#options.serves, exitCode, cause));
			return;
		}
		const delayMs = this.#backoff.nextDelayMs();
		const cancelRestart = this.#options.clock.after(delayMs, () => this.#load());
		this.#phase = {
			name: "resting",
			cancelRestart
		};
	}
	#firstReport(capabilities) {
		this.#onFirstReport?.(capabilities);
		this.#onFirstReport = void 0;
	}
	#rejectAll(error) {
		for (const job of this.#pending.values()) {
			job.cancelDeadline();
			job.reject(error);
		}
		this.#pending.clear();
	}
};
/** ONNX Runtime's sessions are best let go by the thread that made them; a thread that hangs is ended. */
async function endGently(worker, clock) {
	const gone = new Promise((resolve) => worker.once("exit", () => resolve()));
	post(worker, { kind: "close" });
	const cancel = clock.after(CLOSE_DEADLINE_MS, () => void worker.terminate());
	await gone;
	cancel();
}
function post(worker, message, handOver = []) {
	worker.postMessage(message, handOver);
}
function allUnavailable(serves, exitCode, cause) {
	const state = {
		available: false,
		reason: `the speech thread ended while it loaded: ${cause instanceof Error ? cause.message : `exit code ${exitCode}`}`
	};
	return Object.fromEntries(serves.map((capability) => [capability, state]));
}
function unavailable(message, options) {
	return new ParleyError("provider_unavailable", message, {
		kind: "unavailable",
		...options
	});
}
// libs/speech/src/speech-pool.ts
/**
* Threads that all serve the same, one job each at a time.
*
* 1. Jobs start in the order in which they came, each on the first thread that is free.
* 2. At most `maxQueuedJobs` wait; one more is refused with `capacity_exhausted`.
* 3. A job that is aborted while it waits leaves the queue and reaches no thread.
*/
var SpeechPool = class {
	#threads;
	#maxQueuedJobs;
	#queue = [];
	#closed = false;
	constructor(options) {
		this.#maxQueuedJobs = options.maxQueuedJobs;
		this.#threads = Array.from({ length: options.threads }, () => new SpeechThread({
			...options,
			onIdle: () => this.#dispatch()
		}));
	}
	/** Resolves with what the threads could load: what one of them has counts. Never rejects; call once. */
	async start() {
		const reports = await Promise.all(this.#threads.map((thread) => thread.start()));
		const best = {};
		for (const report of reports) for (const [name, state] of Object.entries(report)) if (state && !best[name]?.available) best[name] = state;
		return best;
	}
	perform(job, handOver, signal) {
		return new Promise((resolve, reject) => {
			if (this.#closed) return reject(closedError());
			if (signal?.aborted) return reject(abortReason(signal));
			if (this.#queue.length >= this.#maxQueuedJobs) return reject(fullError());
			const onAbort = () => {
				const at = this.#queue.indexOf(queued);
				if (at >= 0) this.#queue.splice(at, 1);
				reject(abortReason(signal));
			};
			const stopListening = () => signal?.removeEventListener("abort", onAbort);
			const queued = {
				job,
				handOver,
				signal,
				resolve,
				reject,
				stopListening
			};
			signal?.addEventListener("abort", onAbort, { once: true });
			this.#queue.push(queued);
			this.#dispatch();
		});
	}
	/** Idempotent; resolves once all threads are gone. */
	async close() {
		this.#closed = true;
		for (const queued of this.#queue.splice(0)) {
			queued.stopListening();
			queued.reject(closedError());
		}
		await Promise.all(this.#threads.map((thread) => thread.close()));
	}
	#dispatch() {
		while (this.#queue.length > 0) {
			const thread = this.#threads.find((candidate) => candidate.idle);
			if (!thread) return;
			const next = this.#queue.shift();
			next?.stopListening();
			next?.resolve(thread.perform(next.job, next.handOver, next.signal));
		}
	}
};
function fullError() {
	return new ParleyError("capacity_exhausted", "Too much speech is waiting to be worked on.", {
		kind: "resource_exhausted",
		retryable: true,
		retryAfterMs: 1e3
	});
}
function closedError() {
	return new ParleyError("provider_unavailable", "The speech engine is closed.", { kind: "unavailable" });
}
// libs/speech/src/thread-script.ts
const SCRIPT = "threads/speech.thread.js";
/** Where the built script of the speech threads may lie, as seen from this module. */
const PLACES = [
	`./${SCRIPT}`,
	`../${SCRIPT}`,
	`../../../dist/${SCRIPT}`
];
/** The script that a build of Parley puts into `dist/`. Throws `invalid_config` when there is none. */
function builtThreadScript() {
	for (const place of PLACES) {
		const script = new URL(place, import.meta.url);
		if (existsSync(script)) return script;
	}
	throw new ParleyError("invalid_config", `${SCRIPT} is not built: run "npm run build".`, { kind: "failed_precondition" });
}
// libs/speech/src/local-speech-engine.ts
const MAX_DEFAULT_THREADS = 4;
const HEARING_RATE_HZ = 16e3;
const SPEAKING_RATE_HZ = 24e3;
const MAX_TRANSCRIPTION_MS = 3e4;
const MAX_SENTENCE_CHARS = 600;
const NOT_LOADED = {
	available: false,
	reason: "the speech thread did not start"
};
/**
* Starts the threads and loads and warms up the models, which takes a second or two. Resolves also when some or
* all of the speech packages are missing: see `capabilities`. Rejects with `invalid_config` only when the thread
* script is not built. The caller closes the engine.
*/
async function openSpeechEngine(options = {}) {
	const { threads = Math.max(1, Math.min(MAX_DEFAULT_THREADS, availableParallelism() - 1)), maxQueuedJobs = 64, threadScript: script = builtThreadScript(), clock = systemClock, log = silentLog } = options;
	const pool = new SpeechPool({
		threads,
		maxQueuedJobs,
		script,
		serves: ["transcription", "synthesis"],
		clock,
		log
	});
	const vadThread = new SpeechThread({
		script,
		serves: ["vad"],
		clock,
		log
	});
	const [{ vad }, { transcription, synthesis }] = await Promise.all([vadThread.start(), pool.start()]);
	return new LocalSpeechEngine(pool, vadThread, {
		vad: vad ?? NOT_LOADED,
		transcription: transcription ?? NOT_LOADED,
		synthesis: synthesis ?? NOT_LOADED
	});
}
var LocalSpeechEngine = class {
	capabilities;
	#pool;
	#vadThread;
	#lastMicrophone = 0;
	constructor(pool, vadThread, capabilities) {
		this.#pool = pool;
		this.#vadThread = vadThread;
		this.capabilities = capabilities;
	}
	openVad() {
		requireAvailable(this.capabilities.vad);
		this.#lastMicrophone += 1;
		return new MicrophoneVad(this.#vadThread, this.#lastMicrophone);
	}
	async transcribe(pcm16k, signal) {
		requireAvailable(this.capabilities.transcription);
		const durationMs = pcm16DurationMs(pcm16k.length, HEARING_RATE_HZ);
		if (pcm16k.length % 2 !== 0 || durationMs > MAX_TRANSCRIPTION_MS) throw invalid("unsupported_audio", "Transcription takes whole samples, at most 30 s of them.");
		const copy = new Uint8Array(pcm16k);
		return text(await this.#pool.perform({
			kind: "transcribe",
			pcm16k: copy
		}, [copy.buffer], signal));
	}
	async synthesize(sentence, voice, signal) {
		requireAvailable(this.capabilities.synthesis);
		if (sentence.length > MAX_SENTENCE_CHARS) throw invalid("invalid_message", `A sentence to speak may have ${MAX_SENTENCE_CHARS} characters.`);
		const job = {
			kind: "synthesize",
			text: sentence,
			voice,
			rateHz: SPEAKING_RATE_HZ
		};
		return audio(await this.#pool.perform(job, [], signal));
	}
	async close() {
		await Promise.all([this.#pool.close(), this.#vadThread.close()]);
	}
};
function requireAvailable(state) {
	if (state.available) return;
	throw new ParleyError("provider_unavailable", "This kind of local speech is not available.", {
		kind: "failed_precondition",
		cause: state.reason
	});
}
function invalid(code, message) {
	return new ParleyError(code, message, { kind: "invalid_argument" });
}
function text(result) {
	if (typeof result !== "string") throw new TypeError("a speech thread answered with something else than text");
	return result;
}
function audio(result) {
	if (!(result instanceof Uint8Array)) throw new TypeError("a speech thread answered with something else than audio");
	return result;
}
// apps/emulator/src/speech-choice.ts
/** Loads the speech engine when real speech is wanted; without any of it the emulator is synthetic, and says why. */
async function chooseSpeech(wanted, log) {
	const plain = (mode, report = {}) => ({
		mode: { mode },
		report: {
			mode,
			...report
		},
		close: () => Promise.resolve()
	});
	if (wanted !== "real") return plain(wanted);
	try {
		const engine = await openSpeechEngine({ log });
		const { capabilities } = engine;
		const states = [
			capabilities.vad,
			capabilities.transcription,
			capabilities.synthesis
		];
		const reasons = states.flatMap((state) => state.available ? [] : [state.reason]);
		if (reasons.length > 0) log.warn("not all of local speech is available", { reasons });
		if (reasons.length === states.length) {
			await engine.close();
			return plain("synthetic", {
				capabilities,
				fallback: "none of the speech packages could be loaded"
			});
		}
		return {
			mode: {
				mode: "real",
				engine
			},
			report: {
				mode: "real",
				capabilities
			},
			close: () => engine.close()
		};
	} catch (thrown) {
		const error = toParleyError(thrown);
		log.warn("local speech can not start, speech is synthetic", { error });
		return plain("synthetic", { fallback: error.message });
	}
}
// apps/emulator/src/main.ts
const options = optionsOfThisProcess();
const log = openLog({
	level: options.logLevel,
	fields: { app: "emulator" }
});
/** It answers requests only once it listens, so it is ready as soon as it is alive. */
const answer = (request, response) => {
	const [path] = (request.url ?? "/").split("?", 1);
	if (path === "/livez" || path === "/readyz") response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
	else if (path === "/metrics" && emulator) response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metricsText(emulator.stats));
	else response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
};
let emulator;
try {
	const speech = await chooseSpeech(options.speech, log);
	const running = await startEmulator({
		host: options.host,
		port: options.port,
		speech: speech.mode,
		...options.frames && { frames: options.frames },
		...options.connectionMs !== void 0 && { behaviour: { connectionMs: options.connectionMs } },
		eventsPerSession: 0,
		onRequest: answer,
		log
	});
	emulator = running;
	const end = () => {
		running.close().then(() => speech.close()).then(() => process.exit(0), (error) => {
			log.error("the emulator did not end cleanly", { error });
			process.exit(1);
		});
	};
	process.once("SIGTERM", end);
	process.once("SIGINT", end);
	if (options.endWithParent) process.stdin.once("end", end).once("error", end).resume();
	const { port, url } = running;
	process.stdout.write(`${JSON.stringify({
		ready: true,
		app: "emulator",
		port,
		url,
		speech: speech.report
	})}\n`);
} catch (error) {
	log.error("the emulator can not start", { error });
	process.exit(1);
}
export {};
