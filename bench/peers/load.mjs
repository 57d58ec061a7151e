#!/usr/bin/env node
// Loads a server that speaks OpenAI's HTTP with streaming clients and prints its speed; see README.md beside it.
import http from "node:http";
import { parseArgs } from "node:util";

const usage = "usage: node load.mjs [NAME=]URL... [--clients 1,8,64] [--seconds 30] [--prompt 128] [--generate 64] [--vocabulary 32000] [--rounds 1] [--chat] [--json]\n"
    + "  URL ends in /v1. Several servers are loaded in turn, in the other order every second round. Prompts are random tokens, so that no two begin alike.";
const { values, positionals } = options();
const servers = positionals.map((place) => {
    const at = place.indexOf("=");
    return at < 0 ? { name: place, url: place } : { name: place.slice(0, at), url: place.slice(at + 1) };
});
const rows = [];
for (const clients of values.clients.split(",").map(Number)) {
    for (let round = 0; round < Number(values.rounds); round++) {
        for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
            const row = { server: server.name, clients, round, ...(await load(server.url, clients)) };
            rows.push(row);
            if (!values.json) console.log(describe(row));
        }
    }
}
if (values.json) console.log(JSON.stringify(rows));

/** Clients that ask again as soon as they have their answer, for a time; the last answers are waited for. */
async function load(url, clients) {
    // A connection for each request: some servers close idle ones, which would count as an error.
    const agent = new http.Agent({ keepAlive: false, maxSockets: clients });
    const result = { first: [], between: [], tokens: 0, answers: 0, errors: 0 };
    const model = await firstModel(url);
    const started = performance.now(), until = started + Number(values.seconds) * 1000;
    await Promise.all(Array.from({ length: clients }, async () => {
        while (performance.now() < until) await ask(url, model, agent, result);
    }));
    const seconds = (performance.now() - started) / 1000;
    agent.destroy();
    return {
        seconds, answers: result.answers, errors: result.errors, error: result.error, tokensPerSecond: result.tokens / seconds, firstMedian: quantile(result.first, 0.5), first95: quantile(result.first, 0.95),
        betweenMedian: quantile(result.between, 0.5), between95: quantile(result.between, 0.95),
    };
}

function ask(url, model, agent, result) {
    const prompt = Array.from({ length: Number(values.prompt) }, () => 300 + Math.floor(Math.random() * (Number(values.vocabulary) - 300)));
    const common = { model, stream: true, stream_options: { include_usage: true }, temperature: 0, ignore_eos: true, max_tokens: Number(values.generate), cache_prompt: false };
    const body = JSON.stringify(values.chat ? { ...common, messages: [{ role: "user", content: prompt.map((token) => `w${token}`).join(" ") }] } : { ...common, prompt });
    return new Promise((resolve) => {
        const sent = performance.now();
        let last = 0, rest = "", usage = 0, chunks = 0;
        const fail = (error) => {
            result.errors++;
            result.error ??= String(error);
            resolve();
        };
        const request = http.request(`${url}/${values.chat ? "chat/completions" : "completions"}`, {
            agent, method: "POST", headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        }, (response) => {
            response.setEncoding("utf8");
            response.on("data", (data) => {
                rest += data;
                const lines = rest.split("\n");
                rest = lines.pop();
                for (const line of lines) {
                    if (!line.startsWith("data: {")) continue;
                    const chunk = JSON.parse(line.slice(6));
                    if (chunk.error) return fail(chunk.error.message);
                    usage = chunk.usage?.completion_tokens ?? chunk.timings?.predicted_n ?? usage;
                    const choice = chunk.choices?.[0];
                    if (!choice || choice.finish_reason || choice.delta?.role && !choice.delta.content) continue;
                    const now = performance.now();
                    if (last === 0) result.first.push(now - sent);
                    else result.between.push(now - last);
                    last = now;
                    chunks++;
                }
            });
            response.on("end", () => {
                if (response.statusCode !== 200) return fail(`${response.statusCode} ${rest}`);
                result.tokens += usage || chunks;
                result.answers++;
                resolve();
            });
            response.on("error", fail);
        });
        request.on("error", fail);
        request.end(body);
    });
}

async function firstModel(url) {
    const response = await fetch(`${url}/models`);
    return (await response.json()).data[0].id;
}

function quantile(numbers, share) {
    const sorted = numbers.toSorted((one, other) => one - other);
    return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function describe(row) {
    const ms = (value) => `${value.toFixed(0)} ms`;
    return `${row.server}: ${row.clients} clients, ${row.seconds.toFixed(0)} s: ${row.tokensPerSecond.toFixed(1)} tokens/s, first token ${ms(row.firstMedian)} (95 %: ${ms(row.first95)}), `
        + `between tokens ${ms(row.betweenMedian)} (95 %: ${ms(row.between95)}), ${row.answers} answers, ${row.errors} errors${row.error ? `: ${row.error.slice(0, 300)}` : ""}`;
}

function options() {
    const parsed = parseArgs({
        allowPositionals: true,
        options: {
            clients: { type: "string", default: "1,8,64" }, seconds: { type: "string", default: "30" }, prompt: { type: "string", default: "128" }, generate: { type: "string", default: "64" },
            vocabulary: { type: "string", default: "32000" }, rounds: { type: "string", default: "1" }, chat: { type: "boolean" }, json: { type: "boolean" },
        },
    });
    if (parsed.positionals.length === 0) {
        console.error(usage);
        process.exit(2);
    }

    return parsed;
}
