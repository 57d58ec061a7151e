using Caravan.Tensors;

namespace Caravan.Training.Tests;

/// <summary>
/// Steps against the paper's algorithms in double. A weight rounds at each step, and an update some twenty times (means, factors, products): 2⁻²⁰ of
/// its size.
/// </summary>
public sealed class AdafactorTests : IDisposable
{
    private readonly Device device = new(2);

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData(5, 7, false)]
    [InlineData(5, 7, true)]
    [InlineData(40, 33, false)]
    [InlineData(1, 50, true)]
    [InlineData(50, 1, false)]
    public void IsTheAlgorithmOfThePaper(int rows, int columns, bool relative)
    {
        Random random = new(rows);
        using Tensor weight = Tensor.Allocate(rows == 1 ? new Shape(columns) : new Shape(rows, columns), name: "w");
        foreach (ref float value in weight.Floats.AsSpan()) value = (random.NextSingle() * 2) - 1;
        using Parameter parameter = new(weight);
        parameter.KeepGradient();
        using Adafactor optimizer = new([parameter], clipThreshold: 0.8, relativeSteps: relative, weightDecay: 0.1);
        bool factored = rows > 1 && columns > 1;
        Assert.Equal(factored ? rows + columns : rows * columns, optimizer.State.Sum(part => part.Values.Shape.Elements));
        double[] w = [.. weight.Floats.AsSpan().ToArray().Select(value => (double)value)];
        double[] rowMoments = new double[rows], columnMoments = new double[columns], moments = new double[w.Length];
        for (int step = 1; step <= 4; step++)
        {
            foreach (ref float value in parameter.Gradient!.Floats.AsSpan()) value = ((random.NextSingle() * 2) - 1) * step;
            optimizer.Step(device, [parameter], 0.05, gradientScale: 0.5);
            double[] g = [.. parameter.Gradient.Floats.AsSpan().ToArray().Select(value => value * 0.5)];
            double beta = 1 - Math.Pow(step, -0.8);
            for (int i = 0; i < w.Length; i++) moments[i] = (beta * moments[i]) + ((1 - beta) * ((g[i] * g[i]) + 1e-30));
            for (int r = 0; r < rows; r++)
                rowMoments[r] = (beta * rowMoments[r]) + ((1 - beta) * Enumerable.Range(0, columns).Sum(c => (g[(r * columns) + c] * g[(r * columns) + c]) + 1e-30));
            for (int c = 0; c < columns; c++)
                columnMoments[c] = (beta * columnMoments[c]) + ((1 - beta) * Enumerable.Range(0, rows).Sum(r => (g[(r * columns) + c] * g[(r * columns) + c]) + 1e-30));
            double[] update = [.. g.Select((slope, i) => slope / Math.Sqrt(factored ? rowMoments[i / columns] * columnMoments[i % columns] / rowMoments.Sum() : moments[i]))];
            double clip = Math.Max(1, Root(update) / 0.8), size = relative ? Math.Max(1e-3, Root(w)) * Math.Min(0.05, 1 / Math.Sqrt(step)) : 0.05;
            for (int i = 0; i < w.Length; i++)
            {
                w[i] -= size * ((update[i] / clip) + (0.1 * w[i]));
                Assert.Equal(w[i], weight.Floats[i], step * Math.Pow(2, -20) * (Math.Abs(w[i]) + (size * Math.Abs(update[i]))));
            }
        }

        static double Root(double[] values) => Math.Sqrt(values.Average(value => value * value));
    }

    [Fact]
    public void WithoutAGradientOnlyDecayMoves()
    {
        using Tensor weight = Tensor.Allocate(new Shape(2, 2), name: "w");
        weight.Floats.AsSpan().Fill(1);
        using Parameter parameter = new(weight);
        parameter.KeepGradient();
        using Adafactor optimizer = new([parameter], weightDecay: 0.5);
        optimizer.Step(device, [parameter], 0.5);
        Assert.Equal([0.75f, 0.75f, 0.75f, 0.75f], weight.Floats.AsSpan().ToArray());
    }
}
