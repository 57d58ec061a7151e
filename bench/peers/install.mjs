// Brings llama.cpp as npm's node-llama-cpp has it, prebuilt, into the system's temporary folder.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** The package and its version. */
export const nodeLlamaCpp = "node-llama-cpp@3.22.1";

/** Installs it where it is not there yet; returns the folder. */
export function installNodeLlamaCpp() {
    const folder = path.join(os.tmpdir(), `caravan-peers-${os.userInfo().username}`);
    if (fs.existsSync(path.join(folder, "node_modules", "node-llama-cpp", "dist", "index.js"))) return folder;
    console.error(`Installing ${nodeLlamaCpp} into ${folder}...`);
    fs.mkdirSync(folder, { recursive: true });
    // The binaries for this platform only: with the optional packages come 600 MB for graphics cards.
    const binaries = `@node-llama-cpp/${{ win32: "win", darwin: "mac" }[os.platform()] ?? "linux"}-${os.arch()}`
        + (os.platform() === "darwin" && os.arch() === "arm64" ? "-metal" : "");
    const packages = [nodeLlamaCpp, `${binaries}@${nodeLlamaCpp.split("@")[1]}`];
    const install = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--omit=optional", "--ignore-scripts", ...packages];
    const result = spawnSync("npm", install, { stdio: ["ignore", "ignore", "inherit"], shell: os.platform() === "win32" });
    if (result.status !== 0) {
        console.error(`npm could not install ${packages.join(" and ")}; see its messages above.`);
        process.exit(1);
    }

    return folder;
}
