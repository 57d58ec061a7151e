using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Operators that work element by element, or row by row.</summary>
internal static class ElementCases
{
    private static readonly (int Rows, int Columns)[] Sizes = [(1, 1), (2, 5), (3, 16), (7, 19), (33, 301)];

    public static IEnumerable<OpCase> All()
    {
        Random random = new(21);
        foreach ((int rows, int columns) in Sizes)
        {
            foreach (ActivationFunction function in Enum.GetValues<ActivationFunction>()) yield return OfActivation(random, function, rows, columns);
            yield return OfScale(random, rows, columns);
            yield return OfClamp(random, rows, columns);
            yield return OfRowScale(random, rows, columns);
        }
    }

    private static OpCase OfActivation(Random random, ActivationFunction function, int rows, int columns)
    {
        // ReLU has no derivative at 0.
        float[] values = [.. Numbers.Normal(random, rows * columns, 3).Select(value => Math.Abs(value) < 0.01f ? 0.5f : value)];
        return new OpCase
        {
            Operator = typeof(Activation),
            Name = $"{function} [{rows}, {columns}]",
            Large = rows * columns > 1_000,
            Inputs = [OpInput.Of(new Shape(rows, columns), values)],
            Run = (pass, x) => Activation.Forward(pass, function, x[0]),
            Forward = x => [.. x[0].Select(value => ActivationReference.Value(function, value))],
            Backward = (x, c) => [[.. c.Select((gradient, i) => gradient * ActivationReference.Derivative(function, x[0][i]))]],
        };
    }

    private static OpCase OfScale(Random random, int rows, int columns) => new()
    {
        Operator = typeof(Scale),
        Name = $"[{rows}, {columns}]",
        Large = rows * columns > 1_000,
        Inputs = [OpInput.Random(random, rows, columns)],
        Run = (pass, x) => Scale.Forward(pass, x[0], -1.75f),
        Forward = x => [.. x[0].Select(value => (Real)(-1.75) * value)],
        Backward = (_, c) => [[.. c.Select(gradient => (Real)(-1.75) * gradient)]],
    };

    private static OpCase OfClamp(Random random, int rows, int columns)
    {
        const float Bound = 0.75f;
        // No derivative at the bounds.
        float[] values = [.. Numbers.Normal(random, rows * columns).Select(value => Math.Abs(Math.Abs(value) - Bound) < 0.01f ? 0.5f : value)];
        return new OpCase
        {
            Operator = typeof(Clamp),
            Name = $"[{rows}, {columns}]",
            Large = rows * columns > 1_000,
            Inputs = [OpInput.Of(new Shape(rows, columns), values)],
            Run = (pass, x) => Clamp.Forward(pass, x[0], Bound),
            Forward = x => [.. x[0].Select(value => (Real)Math.Clamp(value, -Bound, Bound))],
            Backward = (x, c) => [[.. c.Select((gradient, i) => (Real)(Math.Abs(x[0][i]) <= Bound ? gradient : 0))]],
        };
    }

    private static OpCase OfRowScale(Random random, int rows, int columns) => new()
    {
        Operator = typeof(RowScale),
        Name = $"[{rows}, {columns}]",
        Large = rows * columns > 1_000,
        Inputs = [OpInput.Random(random, rows, columns), OpInput.Random(random, rows, 1)],
        Run = (pass, x) => RowScale.Forward(pass, x[0], x[1]),
        Forward = x => [.. x[0].Select((value, i) => (Real)x[1][i / columns] * value)],
        Backward = (x, c) =>
        [
            [.. c.Select((gradient, i) => (Real)x[1][i / columns] * gradient)],
            [.. Enumerable.Range(0, rows).Select(row => Real.Dot(columns, i => c[(row * columns) + i], i => x[0][(row * columns) + i]))],
        ],
    };
}
