using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class AttentionCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(9);
        yield return Case(random, new AttentionShape(1, 1, 1, 1), [1], "one token");
        yield return Case(random, new AttentionShape(2, 2, 5, 0.4f), [7], "every head its own keys");
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f), [3], "grouped");
        yield return Case(random, new AttentionShape(3, 1, 7, 0.4f), [2, 1, 3], "one key head, three segments");
        yield return Case(random, new AttentionShape(2, 1, 4, 0.5f), [33], "three pages");
        yield return Case(random, new AttentionShape(2, 1, 3, 0.5f, Window: 5), [18, 3], "window");
        yield return Case(random, new AttentionShape(1, 1, 4, 0.5f, Window: 1), [7], "window of the query alone");
        yield return Case(random, new AttentionShape(1, 1, 4, 0.5f, Window: 20), [33], "window across pages");
        yield return Case(random, new AttentionShape(2, 2, 3, 0.5f, Causal: false), [7, 2], "all see all");
        yield return Case(random, new AttentionShape(1, 1, 3, 0.5f, Window: 4, Causal: false), [19], "window to both sides");
        yield return Case(random, new AttentionShape(1, 1, 19, 3), [5], "steep scores");
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f), [3, 9], "bias by distance", bias: 9);
        yield return Case(random, new AttentionShape(3, 1, 5, 0.4f, Window: 5), [18], "bias by distance, window", bias: 18);
        yield return Case(random, new AttentionShape(2, 2, 6, 0.4f), [7, 2], "bias by key", bias: 7, byKey: true);
        yield return Case(random, new AttentionShape(2, 1, 6, 0.4f) { SoftCap = 1.5f }, [7, 2], "capped");
        yield return Case(random, new AttentionShape(2, 1, 6, 0.4f) { SoftCap = 1.5f }, [17], "capped, bias by distance", bias: 17);
        yield return Case(random, new AttentionShape(4, 2, 40, 0.16f) { SoftCap = 2 }, [70, 1, 33], "shared, capped, bias by distance", bias: 70);
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f), [3, 9], "learned bias by distance", bias: 9, learned: true);
        yield return Case(random, new AttentionShape(2, 2, 6, 1, Causal: false), [3, 9], "learned bias by distance, all see all", bias: 17, learned: true);
        yield return Case(random, new AttentionShape(2, 1, 40, 0.2f, Causal: false), [70, 40], "shared, learned bias by distance, all see all", bias: 139, learned: true);
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f, Causal: false), [3, 9], "rows of others", others: [20, 2]);
        yield return Case(random, new AttentionShape(4, 2, 40, 0.16f, Causal: false), [70, 1], "shared, rows of others", others: [33, 130]);
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f), [9, 2, 5], "prefixes that all see", prefix: 4);
        yield return Case(random, new AttentionShape(2, 1, 40, 0.16f), [70, 40], "shared, prefixes that all see", prefix: 37);
        yield return Case(random, new AttentionShape(4, 2, 6, 0.4f), [9, 5], "parts", bias: 17, prefix: 4, ends: [4, 7, 14]);
        yield return Case(random, new AttentionShape(2, 1, 6, 0.4f), [3, 18], "learned biases of parts", bias: 35, learned: true, prefix: 5, ends: [3, 8, 20, 21]);
        yield return Case(random, new AttentionShape(4, 2, 40, 0.16f) { SoftCap = 2 }, [70, 40], "shared, learned biases of parts", bias: 139, learned: true, prefix: 37, ends: [1, 37, 68, 70, 110]);
        yield return Case(random, new AttentionShape(4, 2, 40, 0.16f), [70, 1, 33], "shared");
        yield return Case(random, new AttentionShape(2, 1, 40, 2, Window: 40), [70, 1, 33], "shared, window, steep scores");
    }

    public static AttentionSegment[] Segments(int[] lengths) =>
        [.. lengths.Select((length, i) => new AttentionSegment(lengths[..i].Sum(), length, length, KeyStart: lengths[..i].Sum()))];

    /// <param name="random">Gives the numbers.</param>
    /// <param name="shape">What is computed.</param>
    /// <param name="lengths">Queries of each sequence.</param>
    /// <param name="name">What is special about it.</param>
    /// <param name="bias">Entries for each head; 0 for no bias.</param>
    /// <param name="byKey">Whether entries are for keys.</param>
    /// <param name="learned">Whether the bias gets a gradient.</param>
    /// <param name="prefix">Keys at the beginning of each sequence that all its queries see.</param>
    /// <param name="ends">Rows where parts end; behind the entries for distances each part then has entries for the keys of its sequence.</param>
    /// <param name="others">Keys of each sequence; null for as many as queries.</param>
    private static OpCase Case(Random random, AttentionShape shape, int[] lengths, string name, int bias = 0, bool byKey = false, bool learned = false, int prefix = 0, int[]? others = null, int[]? ends = null)
    {
        int[] keys = others ?? lengths;
        int rows = lengths.Sum();
        AttentionSegment[] segments = [.. Segments(lengths).Select((segment, i) => segment with { KeyStart = keys[..i].Sum(), KeyCount = keys[i], Prefix = prefix })];
        int origin = byKey ? 0 : shape.Causal && prefix == 0 ? bias - 1 : bias / 2;
        BiasPart[]? parts = ends is null ? null : Parts(segments, ends, ref bias);
        float[] table = Numbers.Normal(random, shape.Heads * bias);
        AttentionReference reference = new(shape, segments, [.. table.Select(value => (double)value)], origin, byKey, parts);
        return new OpCase
        {
            Operator = typeof(Attention),
            Name = name,
            Large = rows > 50,
            Inputs =
            [
                OpInput.Random(random, rows, shape.QueryWidth),
                OpInput.Random(random, keys.Sum(), shape.KeyWidth),
                OpInput.Random(random, keys.Sum(), shape.KeyWidth),
                .. learned ? (OpInput[])[OpInput.Of(new Shape(shape.Heads, bias), table)] : [],
            ],
            Run = (pass, x) =>
            {
                NativeSpan<AttentionSegment> native = pass.Workspace.Take<AttentionSegment>(segments.Length);
                segments.CopyTo(native.AsSpan());
                NativeSpan<float> biases = learned ? x[3].Floats : pass.Workspace.Take<float>(table.Length);
                if (!learned) table.CopyTo(biases.AsSpan());
                AttentionShape biased = bias == 0 ? shape : shape with { Bias = new AttentionBias(biases, bias, origin, byKey) { Parts = parts is null ? default : FusedTests.Native(pass, parts) } };
                return Attention.Forward(pass, biased, native, x[0], x[1], x[2], learned ? x[3] : null);
            },
            Forward = x => reference.With(x).Forward(x[0], x[1], x[2]),
            Backward = (x, c) => reference.With(x).Backward(x[0], x[1], x[2], c)[..x.Length],
        };
    }

    /// <summary>The part of each row; entries for the keys of its sequence, as seen from it, are put behind those there are.</summary>
    private static BiasPart[] Parts(AttentionSegment[] segments, int[] ends, ref int entries)
    {
        List<BiasPart> parts = [];
        int start = 0;
        foreach (int end in ends)
        {
            AttentionSegment segment = segments.Last(each => each.QueryStart <= start);
            bool last = end == segment.QueryStart + segment.QueryCount;
            parts.AddRange(Enumerable.Repeat(new BiasPart(start - segment.QueryStart, last ? int.MaxValue : end - segment.QueryStart, entries), end - start));
            entries += segment.KeyCount;
            start = end;
        }

        return [.. parts];
    }
}
