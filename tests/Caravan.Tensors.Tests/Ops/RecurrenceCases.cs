using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Operators along sequences, as their definitions say, row after row.</summary>
internal static class RecurrenceCases
{
    private static readonly (int[] Lengths, int Channels)[] Sizes = [([1], 1), ([5, 1, 3], 5), ([4, 2], 37), ([40, 9], 70)];

    public static IEnumerable<OpCase> All()
    {
        Random random = new(51);
        foreach ((int[] lengths, int channels) in Sizes)
        {
            yield return Conv(random, lengths, channels, taps: 4, bias: true);
            yield return Conv(random, lengths, channels, taps: 3, bias: false);
            yield return Shift(random, lengths, channels);
            yield return Mixture(random, lengths.Sum(), channels, eachRow: false);
            yield return Mixture(random, lengths.Sum(), channels, eachRow: true);
            yield return Scan(random, lengths, channels, states: 3);
            yield return RwkvAttention(random, lengths, channels, size: 1);
            yield return RwkvAttention(random, lengths, channels, size: 20);
            yield return Lru(random, lengths, channels);
            yield return Modes(random, lengths, channels, modes: 2);
            yield return Product(random, lengths.Sum(), channels);
            yield return Picked(random, lengths.Sum(), channels);
            yield return InTurn(random, lengths.Sum(), channels, 2 * channels + 1, runs: 1);
            yield return InTurn(random, lengths.Sum(), 1, 1, channels);
            yield return Blocks(random, lengths.Sum(), channels, heads: 3);
        }

        foreach ((int[] lengths, int heads, int keySize, int valueSize) in ((int[], int, int, int)[])[([3], 1, 1, 1), ([5, 1, 2], 2, 3, 5), ([4, 3], 2, 4, 37), ([40, 9], 3, 16, 40)])
            yield return Retained(random, lengths, heads, keySize, valueSize);
        foreach ((int[] lengths, int heads, int size) in ((int[], int, int)[])[([1], 1, 1), ([5, 1, 3], 3, 2), ([4, 2], 2, 5), ([11, 2], 2, 37)])
        {
            yield return MatrixAttention(random, lengths, heads, size, eachRow: false);
            yield return MatrixAttention(random, lengths, heads, size, eachRow: true);
        }
    }

    /// <summary>The rows of sequences one after the other, as operators take them.</summary>
    public static SequenceRuns Runs(Pass pass, int[] lengths)
    {
        NativeSpan<SequenceRows> rows = pass.Workspace.Take<SequenceRows>(lengths.Length);
        for (int i = 0, start = 0; i < lengths.Length; start += lengths[i++]) rows[i] = new SequenceRows(start, lengths[i]);
        return new SequenceRuns(rows);
    }

    private static OpCase Case(Type op, string name, OpInput[] inputs, Func<Pass, Tensor[], Tensor> run, Func<Graph, Graph.Node[][], Graph.Node[]> formula) => new()
    {
        Operator = op,
        Name = name,
        Large = inputs.Sum(input => input.Shape.Elements) > 700,
        Inputs = inputs,
        Run = run,
        Forward = x => Graph.Forward(x, formula),
        Backward = (x, c) => Graph.Backward(x, c, formula),
    };

    private static string NameOf(int[] lengths, int channels) => $"sequences of {string.Join(", ", lengths)} with {channels} channels";

    /// <summary>A recurrence of each channel by itself: what comes of every row, in the order of the rows.</summary>
    private static Graph.Node[] ByChannel(int[] lengths, int channels, Func<int, Func<int, Graph.Node>> begin)
    {
        Graph.Node[] y = new Graph.Node[lengths.Sum() * channels];
        for (int channel = 0; channel < channels; channel++)
        {
            int row = 0;
            foreach (int length in lengths)
            {
                Func<int, Graph.Node> next = begin(channel);
                for (int i = 0; i < length; i++, row++) y[(row * channels) + channel] = next((row * channels) + channel);
            }
        }

        return y;
    }

    private static OpInput Between(Random random, double low, double high, params ReadOnlySpan<long> shape)
    {
        Shape dimensions = new(shape);
        float[] values = new float[dimensions.Elements];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(low + ((high - low) * random.NextDouble()));
        return OpInput.Of(dimensions, values);
    }

    private static OpCase Conv(Random random, int[] lengths, int channels, int taps, bool bias)
    {
        OpInput[] inputs = [OpInput.Random(random, lengths.Sum(), channels), OpInput.Random(random, taps, channels), OpInput.Random(random, channels)];
        return Case(
            typeof(CausalConv), $"of {taps}{(bias ? " with bias" : "")}, {NameOf(lengths, channels)}", bias ? inputs : inputs[..2],
            (pass, x) => CausalConv.Forward(pass, x[0], x[1], x.ElementAtOrDefault(2), Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                List<Graph.Node> past = [];
                return place =>
                {
                    past.Add(x[0][place]);
                    Graph.Node sum = bias ? x[2][channel] : graph.Constant(0);
                    for (int age = Math.Min(taps, past.Count) - 1; age >= 0; age--) sum = (x[1][((taps - 1 - age) * channels) + channel] * past[^(age + 1)]) + sum;
                    return sum;
                };
            }));
    }

    private static OpCase Shift(Random random, int[] lengths, int channels) => Case(
        typeof(TokenShift), NameOf(lengths, channels), [OpInput.Random(random, lengths.Sum(), channels)],
        (pass, x) => TokenShift.Forward(pass, x[0], Runs(pass, lengths)),
        (graph, x) => ByChannel(lengths, channels, _ =>
        {
            Graph.Node before = graph.Constant(0);
            return place =>
            {
                Graph.Node result = before;
                before = x[0][place];
                return result + graph.Constant(0);
            };
        }));

    private static OpCase Mixture(Random random, int rows, int channels, bool eachRow)
    {
        OpInput shares = eachRow ? OpInput.Random(random, rows, channels) : OpInput.Random(random, channels);
        return Case(
            typeof(Interpolate), $"[{rows}, {channels}], shares {(eachRow ? "of each row" : "of all rows")}",
            [OpInput.Random(random, rows, channels), OpInput.Random(random, rows, channels), shares],
            (pass, x) => Interpolate.Forward(pass, x[0], x[1], x[2]),
            (_, x) => [.. Enumerable.Range(0, rows * channels).Select(i => (x[2][i % x[2].Length] * (x[0][i] - x[1][i])) + x[1][i])]);
    }

    private static OpCase Product(Random random, int rows, int channels) => Case(
        typeof(Multiply), $"[{rows}, {channels}]", [OpInput.Random(random, rows, channels), OpInput.Random(random, rows, channels)],
        (pass, x) => Multiply.Forward(pass, x[0], x[1]),
        (_, x) => [.. x[0].Zip(x[1], (a, b) => a * b)]);

    /// <summary>The second of every three groups of columns.</summary>
    private static OpCase Picked(Random random, int rows, int count) => Case(
        typeof(Columns), $"{count} of every {3 * count}, {rows} rows", [OpInput.Random(random, rows, 6 * count)],
        (pass, x) => Columns.Forward(pass, x[0], count, count, 3 * count),
        (graph, x) => [.. Enumerable.Range(0, rows * 2 * count).Select(i => x[0][(i / count * 3 * count) + count + (i % count)] + graph.Constant(0))]);

    /// <summary>So many columns of the first, then so many of the second.</summary>
    private static OpCase InTurn(Random random, int rows, int run, int otherRun, int runs) => Case(
        typeof(Interleave), $"{runs} runs of {run} and {otherRun}, {rows} rows", [OpInput.Random(random, rows, run * runs), OpInput.Random(random, rows, otherRun * runs)],
        (pass, x) => Interleave.Forward(pass, x[0], x[1], run, otherRun),
        (graph, x) => [.. Enumerable.Range(0, rows * (run + otherRun) * runs).Select(i =>
        {
            (int turn, int column) = Math.DivRem(i, run + otherRun);
            return (column < run ? x[0][(turn * run) + column] : x[1][(turn * otherRun) + column - run]) + graph.Constant(0);
        })]);

    private static OpCase Scan(Random random, int[] lengths, int channels, int states)
    {
        int rows = lengths.Sum();
        OpInput[] inputs =
        [
            OpInput.Random(random, rows, channels), Between(random, 0.01, 1, rows, channels), Between(random, -2, -0.1, states, channels),
            OpInput.Random(random, rows, states), OpInput.Random(random, rows, states), OpInput.Random(random, channels),
        ];
        return Case(
            typeof(SelectiveScan), $"of {states} states, {NameOf(lengths, channels)}", inputs,
            (pass, x) => SelectiveScan.Forward(pass, x[0], x[1], x[2], x[3], x[4], x[5], Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                Graph.Node[] h = [.. Enumerable.Range(0, states).Select(_ => graph.Constant(0))];
                return place =>
                {
                    Graph.Node y = x[5][channel] * x[0][place];
                    for (int s = 0; s < states; s++)
                    {
                        int at = (place / channels * states) + s;
                        Graph.Node decay = graph.Exp(x[1][place] * x[2][(s * channels) + channel]);
                        h[s] = (decay * h[s]) + (x[1][place] * x[0][place] * x[3][at]);
                        y = (h[s] * x[4][at]) + y;
                    }

                    return y;
                };
            }));
    }

    private static OpCase RwkvAttention(Random random, int[] lengths, int channels, double size)
    {
        int rows = lengths.Sum();
        OpInput[] inputs =
        [
            OpInput.Of(new Shape(rows, channels), Numbers.Normal(random, rows * channels, size)), OpInput.Random(random, rows, channels),
            Between(random, -1, -0.05, channels), OpInput.Random(random, channels),
        ];
        return Case(
            typeof(Wkv), $"of keys of size {size}, {NameOf(lengths, channels)}", inputs,
            (pass, x) => Wkv.Forward(pass, x[0], x[1], x[2], x[3], Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                Graph.Node numerator = graph.Constant(0), denominator = numerator;
                Graph.Node? shift = null;
                return place =>
                {
                    (Graph.Node key, Graph.Node value) = (x[0][place], x[1][place]);
                    (Graph.Node old, Graph.Node fresh, _) = Weigh(graph, shift, x[3][channel] + key);
                    Graph.Node y = ((old * numerator) + (fresh * value)) / ((old * denominator) + fresh);
                    (old, fresh, shift) = Weigh(graph, shift is null ? null : shift + x[2][channel], key);
                    numerator = (old * numerator) + (fresh * value);
                    denominator = (old * denominator) + fresh;
                    return y;
                };
            }));
    }

    /// <summary>
    /// The shares of what was and of what comes; nothing was before the first row. The shift divides out, so that its gradient does not count; its roundings do.
    /// </summary>
    private static (Graph.Node Old, Graph.Node Fresh, Graph.Node Shift) Weigh(Graph graph, Graph.Node? old, Graph.Node fresh)
    {
        Graph.Node shift = graph.Constant(Math.Max(old?.Value.Value ?? double.NegativeInfinity, fresh.Value.Value));
        return (old is null ? graph.Constant(0) : graph.Exp(old - shift), graph.Exp(fresh - shift), shift);
    }

    private static OpCase Lru(Random random, int[] lengths, int channels)
    {
        int rows = lengths.Sum();
        OpInput[] inputs = [OpInput.Random(random, rows, channels), Between(random, 0.05, 1, rows, channels), Between(random, -3, -0.1, channels)];
        return Case(
            typeof(RgLru), NameOf(lengths, channels), inputs,
            (pass, x) => RgLru.Forward(pass, x[0], x[1], x[2], Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                Graph.Node? h = null;
                return place =>
                {
                    if (h is null) return h = x[0][place] + graph.Constant(0);
                    Graph.Node rate = x[2][channel] * x[1][place];
                    return h = (graph.Exp(rate) * h) + (graph.Sqrt(graph.Constant(1) - graph.Exp(rate + rate)) * x[0][place]);
                };
            }));
    }

    private static OpCase Modes(Random random, int[] lengths, int channels, int modes)
    {
        OpInput[] inputs =
        [
            OpInput.Random(random, lengths.Sum(), channels), Between(random, -0.7, 0.7, 2 * modes, channels), OpInput.Random(random, 2 * modes, channels),
            OpInput.Random(random, channels),
        ];
        return Case(
            typeof(LongConv), $"of {modes} modes, {NameOf(lengths, channels)}", inputs,
            (pass, x) => LongConv.Forward(pass, x[0], x[1], x[2], x[3], Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                Graph.Node[] z = [.. Enumerable.Range(0, 2 * modes).Select(_ => graph.Constant(0))];
                return place =>
                {
                    Graph.Node y = x[3][channel] * x[0][place];
                    for (int mode = 0; mode < modes; mode++)
                    {
                        int real = (2 * mode * channels) + channel, imaginary = real + channels;
                        (z[2 * mode], z[(2 * mode) + 1]) = (
                            ((z[2 * mode] * x[1][real]) + x[0][place]) - (z[(2 * mode) + 1] * x[1][imaginary]),
                            (z[(2 * mode) + 1] * x[1][real]) + (z[2 * mode] * x[1][imaginary]));
                        y = ((x[2][real] * z[2 * mode]) + y) - (x[2][imaginary] * z[(2 * mode) + 1]);
                    }

                    return y;
                };
            }));
    }

    private static OpCase Retained(Random random, int[] lengths, int heads, int keySize, int valueSize)
    {
        int rows = lengths.Sum();
        float[] decays = [.. Enumerable.Range(0, heads).Select(head => 1 - MathF.Pow(2, -2 - head))];
        OpInput[] inputs =
        [
            OpInput.Random(random, rows, heads * keySize), OpInput.Random(random, rows, heads * keySize), OpInput.Random(random, rows, heads * valueSize),
        ];
        return Case(
            typeof(Retention), $"of {heads} heads of {keySize} and {valueSize}, sequences of {string.Join(", ", lengths)}", inputs,
            (pass, x) =>
            {
                Tensor rates = pass.Workspace.Rent(new Shape(heads));
                decays.CopyTo(rates.Floats.AsSpan());
                return Retention.Forward(pass, x[0], x[1], x[2], rates, Runs(pass, lengths));
            },
            (graph, x) => ByChannel(lengths, heads * valueSize, channel =>
            {
                int head = channel / valueSize;
                Graph.Node[] memory = [.. Enumerable.Range(0, keySize).Select(_ => graph.Constant(0))];
                Graph.Node decay = graph.Constant(decays[head]);
                return place =>
                {
                    int first = ((place / (heads * valueSize) * heads) + head) * keySize;
                    Graph.Node y = graph.Constant(0);
                    for (int k = 0; k < keySize; k++)
                    {
                        memory[k] = (decay * memory[k]) + (x[1][first + k] * x[2][place]);
                        y = (x[0][first + k] * memory[k]) + y;
                    }

                    return y;
                };
            }));
    }

    private static OpCase MatrixAttention(Random random, int[] lengths, int heads, int size, bool eachRow)
    {
        int rows = lengths.Sum(), channels = heads * size;
        OpInput[] inputs =
        [
            OpInput.Random(random, rows, channels), OpInput.Random(random, rows, channels), OpInput.Random(random, rows, channels),
            eachRow ? Between(random, -4, 1.5, rows, channels) : Between(random, -4, 1.5, heads, size), OpInput.Random(random, heads, size),
        ];
        return Case(
            typeof(MatrixWkv), $"of {heads} heads of {size}, decays of {(eachRow ? "each row" : "all rows")}, sequences of {string.Join(", ", lengths)}", inputs,
            (pass, x) => MatrixWkv.Forward(pass, x[0], x[1], x[2], x[3], x[4], Runs(pass, lengths)),
            (graph, x) => ByChannel(lengths, channels, channel =>
            {
                int head = channel / size * size;
                Graph.Node[] memory = [.. Enumerable.Range(0, size).Select(_ => graph.Constant(0))];
                return place =>
                {
                    int first = (place / channels * channels) + head;
                    Graph.Node y = graph.Constant(0);
                    for (int k = 0; k < size; k++)
                    {
                        Graph.Node fresh = x[1][first + k] * x[2][place], kept = graph.Exp(graph.Constant(0) - graph.Exp(x[3][(eachRow ? first : head) + k]));
                        y = (x[0][first + k] * ((x[4][head + k] * fresh) + memory[k])) + y;
                        memory[k] = (kept * memory[k]) + fresh;
                    }

                    return y;
                };
            }));
    }

    private static OpCase Blocks(Random random, int rows, int inputs, int heads)
    {
        const int Outputs = 4;
        OpInput[] all = [OpInput.Random(random, rows, heads * inputs), OpInput.Random(random, heads, inputs, Outputs), OpInput.Random(random, heads * Outputs)];
        return Case(
            typeof(BlockLinear), $"of {heads} blocks [{inputs}, {Outputs}], {rows} rows", all,
            (pass, x) => BlockLinear.Forward(pass, x[0], x[1], x[2]),
            (_, x) => [.. Enumerable.Range(0, rows * heads * Outputs).Select(i =>
            {
                (int row, int head, int output) = (i / heads / Outputs, i / Outputs % heads, i % Outputs);
                Graph.Node sum = x[2][(head * Outputs) + output];
                for (int k = 0; k < inputs; k++) sum += x[0][(((row * heads) + head) * inputs) + k] * x[1][(((head * inputs) + k) * Outputs) + output];
                return sum;
            })]);
    }
}
