using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class SoftmaxCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(6);
        foreach ((int rows, int columns, double scale) in new[] { (1, 1, 1.0), (2, 3, 1), (3, 16, 8), (7, 19, 1), (33, 6, 1), (2, 65, 30), (40, 1030, 3) })
        {
            yield return new OpCase
            {
                Operator = typeof(Softmax),
                Name = $"[{rows}, {columns}] scale {scale}",
                Large = rows * columns > 1_000,
                Inputs = [OpInput.Of(new Shape(rows, columns), Numbers.Normal(random, rows * columns, scale))],
                Run = (pass, x) => Softmax.Forward(pass, x[0]),
                Forward = x => [.. x[0].Chunk(columns).SelectMany(Probabilities)],
                Backward = (x, c) => [[.. x[0].Chunk(columns).Zip(c.Chunk(columns), Gradient).SelectMany(row => row)]],
            };
        }
    }

    public static Real[] Probabilities(double[] x)
    {
        Real shift = x.Max();
        Real[] powers = [.. x.Select(value => Real.Exp(value - shift))];
        Real inverse = (Real)1 / Real.Sum(powers);
        return [.. powers.Select(power => power * inverse)];
    }

    private static IEnumerable<Real> Gradient(double[] x, double[] c)
    {
        Real[] y = Probabilities(x);
        Real projection = Real.Dot(x.Length, i => y[i], i => c[i]);
        return y.Zip(c, (p, gradient) => p * (gradient - projection));
    }
}
