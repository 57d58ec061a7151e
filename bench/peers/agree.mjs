// Converts checkpoints with `caravan convert` and has llama.cpp (npm's node-llama-cpp, prebuilt) continue token ids with each of them: how many of the
// reference's greedy tokens come out. Folders are those of ../shared/fixtures: config.json, model.safetensors, expected.json with sequences.
//   node bench/peers/agree.mjs [--caravan PATH] ../shared/fixtures/models/*
// Keys and values stay float32, as the reference has them: as float16, llama.cpp's default, they move log-probabilities of a model of 32 small layers by up to 0.16.
// Vocabularies are made up, so that a file without a tokenizer loads; names are neutral, since llama.cpp looks at them. One process a model: a crash is a result.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installNodeLlamaCpp } from "./install.mjs";

const self = fileURLToPath(import.meta.url);

if (process.argv[2] === "--one") await continueOne(process.argv[3], process.argv[4]);
else compareAll(process.argv.slice(2));

function compareAll(args) {
    let caravan = path.join(path.dirname(self), "../../src/Caravan.Cli/bin/Release/net10.0/caravan");
    if (args[0] === "--caravan") [caravan, args] = [args[1], args.slice(2)];
    if (args.length === 0) return console.error("Name folders with config.json, model.safetensors and expected.json.");
    const work = fs.mkdtempSync(path.join(os.tmpdir(), "caravan-agree-"));
    for (const folder of args) console.log(`${path.basename(folder).padEnd(34)} ${compare(caravan, folder, work)}`);
    fs.rmSync(work, { recursive: true });
}

function compare(caravan, folder, work) {
    const source = path.join(work, "model"), gguf = path.join(work, "model.gguf"), tokenizer = path.join(work, "tokenizer.json");
    for (const old of [source, gguf]) fs.rmSync(old, { recursive: true, force: true });
    fs.mkdirSync(source);
    for (const file of ["config.json", "model.safetensors"]) fs.copyFileSync(path.join(folder, file), path.join(source, file));
    const config = JSON.parse(fs.readFileSync(path.join(source, "config.json")));
    fs.writeFileSync(tokenizer, JSON.stringify(madeUpTokenizer(config.vocab_size ?? config.padded_vocab_size ?? config.text_config?.vocab_size ?? 96)));
    const conversion = spawnSync(caravan, ["convert", source, gguf, "--tokenizer", tokenizer, "--drop-rotary-scaling"], { encoding: "utf8" });
    if (conversion.status !== 0) return `not converted: ${conversion.stderr.trim().split("\n").at(-1).replace(/^caravan: '[^']*' /, "")}`;
    const run = spawnSync(process.execPath, [self, "--one", gguf, path.join(folder, "expected.json")], { encoding: "utf8", timeout: 60_000 });
    return run.stdout.trim().split("\n").at(-1) || `crashed (${run.signal ?? run.status})`;
}

/** Loads a file in this process and prints, for each expected sequence, how many greedy tokens are the reference's before the first that is not. */
async function continueOne(gguf, expectedPath) {
    const { getLlama, LlamaLogLevel } = await import(pathToFileURL(path.join(installNodeLlamaCpp(), "node_modules/node-llama-cpp/dist/index.js")).href);
    const expected = JSON.parse(fs.readFileSync(expectedPath));
    const results = [], problems = [];
    try {
        const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, logger: (_, text) => problems.push(text.trim()) });
        const model = await llama.loadModel({ modelPath: gguf });
        for (const { input_ids: ids, greedy_24: wanted } of expected.sequences) {
            if (!wanted) continue;
            const context = await model.createContext({ contextSize: 96, threads: 1, flashAttention: false, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" });
            const found = [];
            for await (const token of context.getSequence().evaluate(ids, { temperature: 0, yieldEogToken: true }))
                if (found.push(token) === wanted.length) break;
            const same = found.findIndex((token, i) => token !== wanted[i]);
            results.push(`${same < 0 ? found.length : same}/${wanted.length}`);
            await context.dispose();
        }
        console.log(results.join(" ") || "loads");
    } catch (error) {
        console.log(`llama.cpp: ${problems.find((text) => text.includes("error")) ?? error.message}`);
    }
    process.exit(0);
}

/** Byte-level BPE without merges: as many tokens as the embedding has rows. */
function madeUpTokenizer(size) {
    const printable = [[33, 126], [161, 172], [174, 255]].flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
    const others = Array.from({ length: 256 - printable.length }, (_, i) => 256 + i);
    const letters = [...printable, ...others].map((code) => String.fromCodePoint(code));
    const vocab = Object.fromEntries(Array.from({ length: size }, (_, i) => [letters[i] ?? `tok${i}`, i]));
    const level = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
    return { version: "1.0", added_tokens: [], normalizer: null, pre_tokenizer: level, post_processor: null, decoder: level,
        model: { type: "BPE", dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false, vocab, merges: [] } };
}
