// Measures llama.cpp once, through node-llama-cpp's prebuilt binaries; started by compare.mjs, one process a measurement.
// Times what `caravan bench` times: a prompt of random tokens until its first token, then generation from an empty (or --depth) context,
// greedy, after one warm-up run. Prints JSON of the same form.
import path from "node:path";
import { pathToFileURL } from "node:url";

const { folder, model: modelPath, threads, prompt, generate, batch, depth } = JSON.parse(process.argv[2]);
const entry = path.join(folder, "node_modules", "node-llama-cpp", "dist", "index.js");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);

const loading = performance.now();
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 0, logLevel: LlamaLogLevel.error, progressLogs: false });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({
    contextSize: depth + Math.max(prompt, generate) + 16, sequences: batch, batchSize: 512, threads, ignoreMemorySafetyChecks: true,
});
const loadSeconds = seconds(loading);
const sequences = Array.from({ length: batch }, () => context.getSequence());
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;

const rates = { prompt: 0, generate: 0 };
for (let run = 0; run < 2; run++) {
    if (prompt > 0) rates.prompt = await timePrompt();
    if (generate > 0) rates.generate = await timeGeneration();
}

console.log(JSON.stringify({
    prompt: prompt > 0 ? { tokens: prompt, tokens_per_second: rates.prompt } : null,
    generate: generate > 0 ? { tokens: generate, tokens_per_second: rates.generate } : null,
    threads: context.currentThreads || threads,
    load_seconds: loadSeconds,
    peak_bytes: process.resourceUsage().maxRSS * 1024,
}));
process.exit(0);

/** Fills the context with what lies behind, then times the prompts of all sequences until each has its first token. */
async function timePrompt() {
    await startOver();
    const prompts = sequences.map(() => randomTokens(prompt));
    const start = performance.now();
    await Promise.all(sequences.map((sequence, i) => generation(sequence, prompts[i]).next()));
    return batch * prompt / seconds(start);
}

/** Times tokens after the first of each sequence, all sequences in step. */
async function timeGeneration() {
    await startOver();
    const generations = sequences.map((sequence) => generation(sequence, randomTokens(1)));
    await step(generations);
    const start = performance.now();
    for (let i = 0; i < generate; i++) await step(generations);
    return batch * generate / seconds(start);
}

async function startOver() {
    for (const sequence of sequences) await sequence.clearHistory();
    if (depth > 0) await Promise.all(sequences.map((sequence) => sequence.evaluateWithoutGeneratingNewTokens(randomTokens(depth))));
}

function generation(sequence, tokens) {
    return sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true });
}

async function step(generations) {
    for (const { done } of await Promise.all(generations.map((each) => each.next())))
        if (done) throw new Error("llama.cpp ended a text early");
}

function randomTokens(count) {
    return Array.from({ length: count }, () => Math.floor(Math.random() * vocabulary));
}

function seconds(start) {
    return (performance.now() - start) / 1000;
}
