#!/usr/bin/env bash
# Teaches caravan-tiny from nothing: data, pretraining, fine-tuning, practice, preferences, the GGUF file and its figures.
# run.sh [FOLDER]: everything is written there (default: ./taught). What is there already is not made again, and a run that was stopped goes on.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
caravan=${CARAVAN:-$here/../../caravan}
mkdir -p "${1:-taught}"
cd "${1:-taught}"

# make FILE COMMAND...: runs the command unless the file is there.
make() {
  local file=$1
  shift
  [ -e "$file" ] || "$@"
}

train() {
  [ -e "runs/$1/model" ] && return
  if [ -e "runs/$1/run.json" ]; then "$caravan" train "runs/$1" --resume; else "$caravan" train "$here/$1.yaml"; fi
}

make texts.jsonl "$caravan" data synth --text --count 60000 --seed 2 --output texts.jsonl
make texts-held-out.jsonl "$caravan" data synth --text --count 400 --seed 3 --split held-out --output texts-held-out.jsonl
make conversations.jsonl "$caravan" data synth --count 160000 --seed 1 --output conversations.jsonl
make conversations-held-out.jsonl "$caravan" data synth --count 1000 --seed 4 --split held-out --output conversations-held-out.jsonl
make more-context.jsonl "$caravan" data synth --skills context --count 40000 --seed 9 --output more-context.jsonl
make more-lists.jsonl "$caravan" data synth --skills lists --count 20000 --seed 10 --output more-lists.jsonl
make more-arithmetic.jsonl "$caravan" data synth --skills arithmetic --count 40000 --seed 11 --output more-arithmetic.jsonl
make more-tools.jsonl "$caravan" data synth --skills tools --count 40000 --seed 12 --output more-tools.jsonl
make exam.jsonl "$caravan" data synth --count 4000 --seed 5 --split held-out --output exam.jsonl
# The tokenizer was learnt by: caravan data tokenizer conversations.jsonl texts.jsonl --vocabulary 3072, from the conversations of an earlier day; with another one every loss would differ.
mkdir -p start
cp "$here/config.json" "$here/tokenizer.json" "$here/tokenizer_config.json" start/

train pretrain
train sft
train practice
make own.jsonl "$caravan" data synth --skills context,arithmetic,lists,tools,json --count 3600 --seed 6 --output own.jsonl
make pairs.jsonl "$caravan" eval skills own.jsonl --model runs/practice/model --answers 4 --temperature 1 --seed 7 --pairs pairs.jsonl
train dpo

"$caravan" convert runs/dpo/model caravan-tiny.gguf --type q8_0
"$caravan" eval skills exam.jsonl --model caravan-tiny.gguf --limit 400
"$caravan" eval skills exam.jsonl --model caravan-tiny.gguf --limit 400 --constrain
