using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Sizes below, at and above registers, tiles of four by two, panels of 16 weight rows and groups of 256 columns.</summary>
internal static class LinearCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(2);
        foreach (int rows in new[] { 1, 2, 3, 7, 33 })
        {
            foreach ((int columns, int outputs) in new[] { (1, 1), (5, 3), (17, 19), (36, 6) })
            {
                OpInput weight = OpInput.Random(random, outputs, columns);
                yield return Case(random, rows, weight, OpInput.Random(random, outputs), $"with bias, {rows} rows");
            }
        }

        yield return Case(random, 2, OpInput.Random(random, 5, 300), null, "without bias");
        yield return Case(random, 33, OpInput.Random(random, 100, 256), OpInput.Random(random, 100), "with bias, shared");
        foreach (DType type in QuantFormats.All.Select(format => format.DType))
        {
            int columns = type.BlockElements() switch { 1 => 37, 32 => 288, _ => 512 };
            yield return Case(random, 2, OpInput.Encoded(random, type, 19, columns), OpInput.Random(random, 19), $"frozen {type}");
            yield return Case(random, 33, OpInput.Encoded(random, type, 67, 512), null, $"frozen {type}, shared");
        }
    }

    private static OpCase Case(Random random, int rows, OpInput weight, OpInput? bias, string name)
    {
        long outputs = weight.Shape[0], columns = weight.Shape[1];
        OpInput x = OpInput.Random(random, rows, columns);
        return new OpCase
        {
            Operator = typeof(Linear),
            Name = $"{name}, weight {weight.Shape}",
            Large = rows * columns * outputs > 20_000,
            Inputs = bias is null ? [x, weight] : [x, weight, bias],
            Run = (pass, t) => Linear.Forward(pass, t[0], t[1], t.Length > 2 ? t[2] : null),
            Forward = v => Forward(v[0], v[1], v.Length > 2 ? v[2] : null, rows, columns, outputs),
            Backward = (v, c) => Backward(v[0], v[1], c, rows, columns, outputs, weight.Differentiable, bias is not null),
        };
    }

    private static Real[] Forward(double[] x, double[] weight, double[]? bias, long rows, long columns, long outputs)
    {
        Real[] y = new Real[rows * outputs];
        for (long n = 0; n < rows; n++)
        {
            for (long o = 0; o < outputs; o++)
            {
                Real sum = Real.Dot(columns, k => x[(n * columns) + k], k => weight[(o * columns) + k]);
                y[(n * outputs) + o] = bias is null ? sum : sum + bias[o];
            }
        }

        return y;
    }

    private static Real[]?[] Backward(
        double[] x, double[] weight, double[] c, long rows, long columns, long outputs, bool trained, bool biased)
    {
        Real[] dx = new Real[rows * columns], dw = new Real[outputs * columns], db = new Real[outputs];
        for (long n = 0; n < rows; n++)
            for (long k = 0; k < columns; k++)
                dx[(n * columns) + k] = Real.Dot(outputs, o => c[(n * outputs) + o], o => weight[(o * columns) + k]);
        for (long o = 0; o < outputs; o++)
        {
            db[o] = Real.Dot(rows, n => c[(n * outputs) + o], _ => 1);
            for (long k = 0; trained && k < columns; k++)
                dw[(o * columns) + k] = Real.Dot(rows, n => c[(n * outputs) + o], n => x[(n * columns) + k]);
        }

        return biased ? [dx, trained ? dw : null, db] : [dx, trained ? dw : null];
    }
}
