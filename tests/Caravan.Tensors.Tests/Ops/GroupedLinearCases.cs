using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Groups without rows, with one and with many.</summary>
internal static class GroupedLinearCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(32);
        yield return Case(random, [0, 3], [OpInput.Random(random, 3, 5)], "one expert");
        yield return Case(random, [0, 2, 2, 7], [.. Enumerable.Range(0, 3).Select(_ => OpInput.Random(random, 6, 17))], "a group without rows");
        yield return Case(random, [0, 0, 40, 41], [.. Enumerable.Range(0, 3).Select(_ => OpInput.Random(random, 67, 256))], "shared");
        foreach (DType type in new[] { DType.F16, DType.Q8_0, DType.Q4_K })
            yield return Case(random, [0, 1, 4], [.. Enumerable.Range(0, 2).Select(_ => OpInput.Encoded(random, type, 19, 256))], $"frozen {type}");
    }

    private static OpCase Case(Random random, int[] groups, OpInput[] weights, string name)
    {
        long outputs = weights[0].Shape[0], columns = weights[0].Shape[1];
        OpInput x = OpInput.Random(random, groups[^1], columns);
        return new OpCase
        {
            Operator = typeof(GroupedLinear),
            Name = $"{name}, {weights[0].Shape}",
            Large = groups[^1] * columns * outputs > 20_000,
            Inputs = [x, .. weights],
            Run = (pass, t) => GroupedLinear.Forward(pass, t[0], FusedTests.Native(pass, groups), t[1..]),
            Forward = v => [.. Pairs(groups, outputs).Select(at => Real.Dot(columns, k => v[0][(at.Row * columns) + k], k => v[at.Expert + 1][(at.Output * columns) + k]))],
            Backward = (v, c) =>
            [
                [.. Pairs(groups, columns).Select(at => Real.Dot(outputs, o => c[(at.Row * outputs) + o], o => v[at.Expert + 1][(o * columns) + at.Output]))],
                .. weights.Select((weight, expert) => weight.Differentiable ? OfWeight(v[0], c, groups[expert], groups[expert + 1], outputs, columns) : null),
            ],
        };
    }

    private static IEnumerable<(int Expert, long Row, long Output)> Pairs(int[] groups, long outputs)
    {
        for (int expert = 0; expert + 1 < groups.Length; expert++)
            for (long row = groups[expert]; row < groups[expert + 1]; row++)
                for (long output = 0; output < outputs; output++) yield return (expert, row, output);
    }

    private static Real[] OfWeight(double[] x, double[] c, int start, int end, long outputs, long columns)
    {
        Real[] gradient = new Real[outputs * columns];
        for (long i = 0; i < gradient.Length; i++)
        {
            (long output, long column) = Math.DivRem(i, columns);
            gradient[i] = Real.Dot(end - start, n => c[((start + n) * outputs) + output], n => x[((start + n) * columns) + column]);
        }

        return gradient;
    }
}
