using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class RopeCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(5);
        foreach (RotaryLayout layout in Enum.GetValues<RotaryLayout>())
        {
            yield return Case(random, layout, rows: 1, heads: 1, size: 2, pairs: 1);
            yield return Case(random, layout, rows: 2, heads: 3, size: 6, pairs: 3);
            yield return Case(random, layout, rows: 3, heads: 2, size: 13, pairs: 5);
            yield return Case(random, layout, rows: 7, heads: 1, size: 64, pairs: 32);
            yield return Case(random, layout, rows: 2, heads: 1, size: 80, pairs: 19);
            yield return Case(random, layout, rows: 33, heads: 2, size: 8, pairs: 2);
            yield return Case(random, layout, rows: 2, heads: 2, size: 8, pairs: 0);
            yield return Case(random, layout, rows: 5, heads: 6, size: 10, pairs: 4, turns: 2);
            yield return Case(random, layout, rows: 3, heads: 6, size: 32, pairs: 16, turns: 3);
            yield return Case(random, layout, rows: 40, heads: 16, size: 64, pairs: 32);
        }
    }

    private static OpCase Case(Random random, RotaryLayout layout, int rows, int heads, int size, int pairs, int turns = 1)
    {
        (OpInput cosines, OpInput sines) = Angles(random, rows, pairs * turns);
        return new OpCase
        {
            Operator = typeof(Rope),
            Name = $"{layout}, {rows} rows, {heads} heads of {size}, {pairs} pairs{(turns > 1 ? $" in {turns} turns" : "")}",
            Large = rows * heads * size > 1_000,
            Inputs = [OpInput.Random(random, rows, heads * size), cosines, sines],
            Run = (pass, x) => Rope.Forward(pass, x[0], new RotaryAngles(x[1], x[2]), size, layout, turns),
            Forward = x => Turn(x[0], x[1], x[2], 1),
            Backward = (x, c) => [Turn(c, x[1], x[2], -1), null, null],
        };

        Real[] Turn(double[] x, double[] cosines, double[] sines, int direction)
        {
            Real[] y = [.. x.Select(value => (Real)value)];
            for (int head = 0; head < rows * heads; head++)
            {
                for (int i = 0; i < pairs; i++)
                {
                    (int a, int b) = layout == RotaryLayout.HalfSplit ? (i, i + pairs) : (2 * i, (2 * i) + 1);
                    a += head * size;
                    b += head * size;
                    int angle = (((head / heads * turns) + (head % heads % turns)) * pairs) + i;
                    Real cosine = cosines[angle], sine = direction * sines[angle];
                    y[a] = (x[a] * cosine) - (x[b] * sine);
                    y[b] = (x[b] * cosine) + (x[a] * sine);
                }
            }

            return y;
        }
    }

    /// <summary>Cosines and sines of random angles times an attention factor of 1.3.</summary>
    private static (OpInput Cosines, OpInput Sines) Angles(Random random, int rows, int pairs)
    {
        double[] angles = [.. Enumerable.Range(0, rows * pairs).Select(_ => random.NextDouble() * 100)];
        return (
            OpInput.Of(new Shape(rows, pairs), [.. angles.Select(angle => (float)(1.3 * Math.Cos(angle)))], differentiable: false),
            OpInput.Of(new Shape(rows, pairs), [.. angles.Select(angle => (float)(1.3 * Math.Sin(angle)))], differentiable: false));
    }
}
