using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Both norms: <see cref="RmsNorm"/> is <see cref="LayerNorm"/> without the mean and the bias.</summary>
internal static class NormCases
{
    private const float Epsilon = 1e-5f;

    private static readonly (int Rows, int Columns)[] Sizes = [(1, 1), (2, 3), (3, 16), (7, 19), (33, 6), (1, 65), (40, 1030)];

    public static IEnumerable<OpCase> All()
    {
        Random random = new(4);
        foreach ((int rows, int columns) in Sizes)
        {
            OpInput x = OpInput.Random(random, rows, columns), weight = OpInput.Random(random, columns), bias = OpInput.Random(random, columns);
            string name = $"[{rows}, {columns}]";
            yield return Case(typeof(RmsNorm), name, [x, weight], (p, t) => RmsNorm.Forward(p, t[0], t[1], Epsilon), centred: false);
            yield return Case(typeof(LayerNorm), name, [x, weight, bias], (p, t) => LayerNorm.Forward(p, t[0], t[1], t[2], Epsilon), centred: true);
            yield return Case(
                typeof(LayerNorm), name + " without bias", [x, weight], (p, t) => LayerNorm.Forward(p, t[0], t[1], null, Epsilon), centred: true);
            yield return Case(
                typeof(LayerNorm), name + " without weight", [x], (p, t) => LayerNorm.Forward(p, t[0], null, null, Epsilon), centred: true);
        }

        foreach (bool ownWeights in (bool[])[false, true])
        {
            const int Rows = 5, Groups = 3, Columns = 19;
            int size = ownWeights ? Groups * Columns : Columns;
            OpInput x = OpInput.Random(random, Rows, Groups * Columns), weight = OpInput.Random(random, size), bias = OpInput.Random(random, size);
            string name = ownWeights ? "in groups, a weight each" : "in groups, one weight";
            yield return Case(typeof(RmsNorm), name, [x, weight], (p, t) => RmsNorm.Forward(p, t[0], t[1], Epsilon, Columns), centred: false, Columns);
            yield return Case(
                typeof(LayerNorm), name, [x, weight, bias], (p, t) => LayerNorm.Forward(p, t[0], t[1], t[2], Epsilon, Columns), centred: true, Columns);
        }
    }

    /// <summary>Parameters of several groups are repeated for the rows that a matrix of groups has.</summary>
    private static double[]? Of(double[]? parameter, int group, long columns)
    {
        if (parameter is null) return null;
        int start = (int)(group * columns % parameter.Length);
        return parameter[start..(int)(start + columns)];
    }

    private static OpCase Case(Type op, string name, OpInput[] inputs, Func<Pass, Tensor[], Tensor> run, bool centred, long columns = 0)
    {
        if (columns == 0) columns = inputs[0].Shape.Columns;
        return new OpCase
        {
            Operator = op,
            Name = name,
            Large = inputs[0].Shape.Elements > 1_000,
            Inputs = inputs,
            Run = run,
            Forward = v => [.. v[0].Chunk((int)columns).SelectMany((x, group) => Forward(x, Of(v.ElementAtOrDefault(1), group, columns), Of(v.ElementAtOrDefault(2), group, columns), centred))],
            Backward = (v, c) => [.. Backward(v[0], v.ElementAtOrDefault(1), c, columns, centred).Take(inputs.Length)],
        };
    }

    private static Real[] Forward(double[] x, double[]? weight, double[]? bias, bool centred)
    {
        (Real[] deviations, Real inverse) = Moments(x, centred);
        Real[] y = new Real[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = deviations[i] * inverse;
            if (weight is not null) y[i] *= weight[i];
            if (bias is not null) y[i] += bias[i];
        }

        return y;
    }

    private static (Real[] Deviations, Real Inverse) Moments(double[] x, bool centred)
    {
        Real mean = centred ? Real.Sum(x.Select(value => (Real)value)) / x.Length : 0;
        Real[] deviations = [.. x.Select(value => centred ? value - mean : value)];
        Real variance = Real.Dot(x.Length, i => deviations[i], i => deviations[i]) / x.Length;
        return (deviations, (Real)1 / Real.Sqrt(variance + Epsilon));
    }

    private static Real[][] Backward(double[] x, double[]? weight, double[] c, long columns, bool centred)
    {
        Real[] dx = new Real[x.Length];
        List<Real>[] dweight = [.. Enumerable.Range(0, weight?.Length ?? (int)columns).Select(_ => new List<Real>())], dbias = [.. dweight.Select(_ => new List<Real>())];
        for (long start = 0; start < x.Length; start += columns)
        {
            (Real[] deviations, Real inverse) = Moments(x[(int)start..(int)(start + columns)], centred);
            Real[] g = [.. Enumerable.Range(0, (int)columns).Select(i => (Real)c[start + i] * (weight?[(int)((start + i) % weight.Length)] ?? 1))];
            Real mean = centred ? Real.Sum(g) / columns : 0;
            Real projection = Real.Dot(columns, i => g[i] * deviations[i], _ => inverse) / columns;
            for (int i = 0; i < columns; i++)
            {
                dx[start + i] = inverse * (g[i] - mean - (deviations[i] * inverse * projection));
                int at = (int)((start + i) % dweight.Length);
                dweight[at].Add((Real)c[start + i] * deviations[i] * inverse);
                dbias[at].Add(c[start + i]);
            }
        }

        return [dx, [.. dweight.Select(Real.Sum)], [.. dbias.Select(Real.Sum)]];
    }
}
