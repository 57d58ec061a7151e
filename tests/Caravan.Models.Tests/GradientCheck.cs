using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models.Tests;

/// <summary>Whether the tape's gradient of a loss is that of central differences, weight by weight.</summary>
/// <remarks>
/// Each weight is moved along a direction of length 1 that is half its own gradient's and half random, so that a gradient that lacks a term is seen
/// as well as one that points elsewhere. D(h) = (f(w + hd) − f(w − hd)) / 2h is the slope but for two errors: that of f in float32, taken to be
/// <see cref="NoiseFactor"/> times the range of what kernels of different widths make of it, divided by h; and that of stepping past curves, kinks and from one
/// expert to another. The latter is taken to be the difference of the slopes to both sides, or four times what D changes by when h is halved, or
/// half of what it was taken to be before, whichever is most: two of these numbers may agree by chance. Of several h the one that errs least counts.
/// </remarks>
internal static class GradientCheck
{
    /// <summary>The largest step, as a part of the weight's length, and how often it is halved.</summary>
    private const double LargestStep = 0.04;
    private const int Halvings = 9;

    /// <summary>Kernels of different widths sum in different orders; this is how much more than they differ a loss may err.</summary>
    private const double NoiseFactor = 4;

    /// <summary>By how much the loss should change at most: what is far from the weights says nothing of the slope there.</summary>
    private const double LargestChange = 0.02;

    /// <summary>Fails where a slope is outside its error, or where errors are too wide to say something.</summary>
    /// <param name="model">Trainable.</param>
    /// <param name="task">What it learns.</param>
    /// <param name="vague">Whether errors may be half as large as slopes instead of an eighth: where they grow from layer to layer.</param>
    public static void Check(Model model, TrainingTask task, bool vague) => Check(model.Weights, task, vague ? 0.5 : 0.125);

    /// <summary>The same of some weights.</summary>
    /// <param name="weights">They require gradients.</param>
    /// <param name="task">What is learnt.</param>
    /// <param name="vagueness">How large errors may be in all, as a part of the slopes.</param>
    /// <param name="tape">For a loss that is another without; null for one that is not.</param>
    public static void Check(IReadOnlyList<Tensor> weights, TrainingTask task, double vagueness, Tape? tape = null)
    {
        using Device device = new(1);
        using Pass pass = new(device, tape);
        float[][] gradients = Gradients(weights, device, task);
        double noise = Noise(task), slopes = 0, errors = 0;
        Random random = new(5);
        for (int i = 0; i < gradients.Length; i++)
        {
            Tensor weight = weights[i];
            double[] direction = Direction(gradients[i], random);
            double expected = gradients[i].Zip(direction, (g, d) => g * d).Sum();
            (double slope, double error) = Slope(weight, direction, expected, () => task.Value(pass), noise);
            Assert.True(Math.Abs(slope - expected) <= error, $"{weight.Name}: {expected}, by differences {slope} ± {error}");
            slopes += Math.Abs(expected);
            errors += error;
        }

        Assert.InRange(errors, 0, vagueness * slopes);
    }

    private static double Noise(TrainingTask task)
    {
        List<double> losses = [];
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device device = new(1, set);
            using Pass pass = new(device);
            losses.Add(task.Value(pass));
        }

        // On a processor with one width alone: a few roundings of a number near 5.
        return NoiseFactor * Math.Max(losses.Max() - losses.Min(), 1e-6);
    }

    private static float[][] Gradients(IReadOnlyList<Tensor> weights, Device device, TrainingTask task)
    {
        Tape tape = new();
        using Pass pass = new(device, tape);
        tape.Backward(pass, task.Loss(pass));
        return [.. weights.Select(weight => weight.Gradient is { } gradient ? gradient.Floats.AsSpan().ToArray() : new float[weight.Shape.Elements])];
    }

    /// <summary>Length 1, half along the gradient; the other half does not point against it, so that a single number is moved too.</summary>
    private static double[] Direction(float[] gradient, Random random)
    {
        double[] noise = [.. gradient.Select(_ => random.NextDouble() - 0.5)];
        double length = Length(gradient.Select(g => (double)g)), noiseLength = Length(noise) * (gradient.Zip(noise, (g, n) => g * n).Sum() < 0 ? -1 : 1);
        double[] sum = [.. gradient.Zip(noise, (g, n) => (length > 0 ? g / length : 0) + (n / noiseLength))];
        double total = Length(sum);
        return [.. sum.Select(d => d / total)];
    }

    private static (double Slope, double Error) Slope(Tensor weight, double[] direction, double expected, Func<double> loss, double noise)
    {
        float[] stored = weight.Floats.AsSpan().ToArray();
        // Weights of zeros are moved as if each were 0.02.
        double furthest = LargestStep * Math.Max(Length(stored.Select(w => (double)w)), 0.02 * Math.Sqrt(stored.Length)), h = Math.Min(furthest, LargestChange / Math.Abs(expected));
        double middle = loss(), last = 0, stepped = 0;
        (double Slope, double Error) best = (0, double.PositiveInfinity);
        for (int i = 0; i <= Halvings; i++, h /= 2)
        {
            double right = (At(h) - middle) / h, left = (middle - At(-h)) / h, slope = (left + right) / 2;
            stepped = Math.Max(Math.Max(Math.Abs(right - left), stepped / 2), 4 * Math.Abs(slope - last));
            double error = (noise / h) + stepped;
            if (error < best.Error) best = (slope, error);
            last = slope;
        }

        stored.CopyTo(weight.Floats.AsSpan());
        return best;

        double At(double step)
        {
            for (int i = 0; i < stored.Length; i++) weight.Floats[i] = (float)(stored[i] + (step * direction[i]));
            return loss();
        }
    }

    private static double Length(IEnumerable<double> vector) => Math.Sqrt(vector.Sum(element => element * element));
}
