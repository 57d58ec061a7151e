#!/usr/bin/env node
// Runs one GGUF file through Caravan and its peers in turn and prints the ratios with their spread; see README.md beside it.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installNodeLlamaCpp, nodeLlamaCpp } from "./install.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const usage = "usage: node compare.mjs MODEL.gguf [--threads 2] [--prompt 512] [--generate 64] [--batch 1] [--depth 0] [--rounds 5]\n"
    + "       [--caravan PATH] [--repack auto|on|off]... [--llama-bench 'NAME=PROGRAM FLAGS']... [--skip-node] [--json]";

const options = readOptions();
const caravans = options.repack.map((repack) => ({ name: `Caravan${options.repack.length > 1 ? `, --repack ${repack}` : ""}`, measure: () => measureCaravan(repack) }));
const engines = [...caravans, ...peers()];
if (engines.length === caravans.length) fail("There is no peer: --skip-node was given and no llama-bench is on the PATH.");
const load = os.loadavg()[0];
warnWhenBusy();
const rounds = [];
for (let round = 0; round < options.rounds; round++) {
    // Every other round runs backwards, so that a machine that slows down or speeds up favours nobody.
    const order = round % 2 === 0 ? engines : engines.toReversed();
    const results = new Map(order.map((engine) => [engine.name, engine.measure()]));
    rounds.push(results);
    console.error(`round ${round + 1} of ${options.rounds}: ` + engines.map(({ name }) => `${name} ${describe(results.get(name))}`).join("; "));
}

const report = summarize();
if (options.json) console.log(JSON.stringify(report));
else print(report);

function readOptions() {
    const flags = { threads: "2", prompt: "512", generate: "64", batch: "1", depth: "0", rounds: "5" };
    const known = Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, { type: "string", default: value }]));
    let parsed;
    try {
        parsed = parseArgs({
            allowPositionals: true,
            options: { ...known, caravan: { type: "string" }, repack: { type: "string", multiple: true }, "llama-bench": { type: "string", multiple: true }, "skip-node": { type: "boolean" }, json: { type: "boolean" } },
        });
    } catch (error) {
        fail(`${error.message}\n${usage}`);
    }

    if (parsed.positionals.length !== 1) fail(usage);
    const model = path.resolve(parsed.positionals[0]);
    if (!fs.existsSync(model)) fail(`'${model}' is not there; 'caravan bench --synthetic tinyllama-1.1b --save FILE.gguf' makes a model to measure.`);
    const numbers = Object.fromEntries(Object.keys(flags).map((name) => [name, wholeNumber(name, parsed.values[name])]));
    const repack = parsed.values.repack ?? ["auto"], llamaBenches = parsed.values["llama-bench"] ?? [];
    return { model, ...numbers, repack, llamaBenches, caravan: parsed.values.caravan ?? findCaravan(), skipNode: parsed.values["skip-node"], json: parsed.values.json };
}

function wholeNumber(name, text) {
    const least = ["prompt", "generate", "depth"].includes(name) ? 0 : 1;
    if (!/^\d+$/.test(text) || Number(text) < least) fail(`--${name} takes a whole number of ${least} or more, not '${text}'.`);
    return Number(text);
}

function findCaravan() {
    const built = path.join(here, "..", "..", "src", "Caravan.Cli", "bin", "Release", "net10.0", os.platform() === "win32" ? "caravan.exe" : "caravan");
    return fs.existsSync(built) ? built : "caravan";
}

/** llama.cpp in node-llama-cpp's prebuilt form, and every llama-bench on the PATH. */
function peers() {
    const found = [];
    if (!options.skipNode) {
        const folder = installNodeLlamaCpp();
        found.push({ name: `llama.cpp (${nodeLlamaCpp})`, measure: () => measureNode(folder) });
    }

    // llama-bench decodes one sequence at a time.
    if (options.batch > 1) return found;
    const name = os.platform() === "win32" ? "llama-bench.exe" : "llama-bench";
    for (const folder of new Set((process.env.PATH ?? "").split(path.delimiter).filter(Boolean))) {
        const program = path.join(folder, name);
        if (fs.existsSync(program)) found.push({ name: program, measure: () => measureLlamaBench(program, []) });
    }

    for (const named of options.llamaBenches) {
        const [name, line] = [named.slice(0, named.indexOf("=")), named.slice(named.indexOf("=") + 1)];
        const [program, ...flags] = line.split(" ").filter(Boolean);
        found.push({ name, measure: () => measureLlamaBench(program, flags) });
    }

    return found;
}

/** Installs the package into a temporary folder, once; nothing is written into the repository. */

function measureCaravan(repack) {
    const { model, threads, prompt, generate, batch, depth } = options;
    return run(options.caravan, [
        "bench", "--model", model, "--json", "--repeat", "1", "--threads", `${threads}`, "--prompt", `${prompt}`, "--generate", `${generate}`,
        "--batch", `${batch}`, "--depth", `${depth}`, "--repack", repack,
    ]);
}

function measureNode(folder) {
    return run(process.execPath, [path.join(here, "llama-cpp.mjs"), JSON.stringify({ folder, ...options })]);
}

function measureLlamaBench(program, flags) {
    const { model, threads, prompt, generate, depth } = options;
    const behind = depth > 0 ? ["-d", `${depth}`] : [];
    const tests = run(program, ["-m", model, "-t", `${threads}`, "-p", `${prompt}`, "-n", `${generate}`, ...behind, "-r", "1", "-ngl", "0", "-o", "json", ...flags]);
    const rate = (test) => (test ? { tokens_per_second: test.avg_ts } : null);
    return { prompt: rate(tests.find((test) => test.n_prompt > 0 && test.n_gen === 0)), generate: rate(tests.find((test) => test.n_gen > 0)) };
}

/** Runs a program that prints one JSON document. */
function run(program, parameters) {
    const result = spawnSync(program, parameters, { encoding: "utf8", maxBuffer: 1 << 26 });
    if (result.error) fail(`'${program}' could not be started: ${result.error.message}`);
    if (result.status !== 0) fail(`'${program} ${parameters.join(" ")}' failed:\n${result.stderr}${result.stdout}`);
    return JSON.parse(result.stdout);
}

/** Medians of every engine, and for every peer the ratios of Caravan to it in the same round. */
function summarize() {
    const rows = engines.map(({ name }) => ({
        name,
        ...Object.fromEntries(["prompt", "generate"].map((kind) => [kind, spread(rounds.map((round) => round.get(name)[kind]?.tokens_per_second))])),
        load_seconds: spread(rounds.map((round) => round.get(name).load_seconds))?.median ?? null,
        share_of_read: spread(rounds.map((round) => round.get(name).machine?.generate_share_of_read))?.median ?? null,
        share_of_linear: spread(rounds.map((round) => round.get(name).machine?.prompt_share_of_linear))?.median ?? null,
        peak_bytes: spread(rounds.map((round) => round.get(name).peak_bytes))?.median ?? null,
    }));
    const ratios = caravans.flatMap((caravan) => engines.slice(caravans.length).map(({ name }) => (
        { caravan: caravan.name, peer: name, prompt: ratio(caravan.name, name, "prompt"), generate: ratio(caravan.name, name, "generate") })));
    const { model, threads, prompt, generate, batch, depth } = options;
    return { model, threads, prompt, generate, batch, depth, rounds: rounds.length, processor: os.cpus()[0]?.model ?? "", load, engines: rows, ratios };
}

function ratio(caravan, peer, kind) {
    return spread(rounds.map((round) => round.get(caravan)[kind]?.tokens_per_second / round.get(peer)[kind]?.tokens_per_second));
}

function spread(values) {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    return { min: sorted[0], median, max: sorted.at(-1) };
}

function print({ engines: rows, ratios }) {
    console.log(`${path.basename(options.model)}, ${options.threads} threads, prompt ${options.prompt}, generate ${options.generate}, `
        + `batch ${options.batch}, depth ${options.depth}; ${options.rounds} rounds; ${os.cpus()[0]?.model ?? ""}, load ${load.toFixed(1)} before`);
    table([
        ["", "prompt tokens/s", "of linear rate", "generated tokens/s", "of read rate", "load", "peak memory"],
        ...rows.map((row) => [
            row.name, text(row.prompt, 1), share(row.share_of_linear), text(row.generate, 2), share(row.share_of_read),
            unit(row.load_seconds, 1, "s"), unit(row.peak_bytes, 1e6, "MB"),
        ]),
    ]);
    table([["", "divided by", "prompt", "generate"], ...ratios.map((row) => [row.caravan, row.peer, text(row.prompt, 2), text(row.generate, 2)])]);
}

function text(values, digits) {
    return values ? `${values.median.toFixed(digits)} (${values.min.toFixed(digits)} to ${values.max.toFixed(digits)})` : "-";
}

function share(value) {
    return value === null ? "-" : `${Math.round(value * 100)} %`;
}

function unit(value, divisor, name) {
    return value === null ? "-" : `${(value / divisor).toFixed(divisor === 1 ? 2 : 0)} ${name}`;
}

function describe(result) {
    const rate = (kind) => result[kind]?.tokens_per_second.toFixed(1) ?? "-";
    return `${rate("prompt")} / ${rate("generate")}`;
}

function table(rows) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    for (const row of rows) console.log(("  " + row.map((cell, column) => cell.padEnd(widths[column])).join("  ")).trimEnd());
}

function warnWhenBusy() {
    if (load > 0.5) console.error(`The machine is busy (load ${load.toFixed(1)}): engines that wait by spinning, as llama.cpp does, collapse beside other work.`);
}

function fail(message) {
    console.error(message);
    process.exit(1);
}
