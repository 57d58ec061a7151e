using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// Every fixture folder of a known family can be trained: the tape's gradient of the mean cross-entropy is that of central differences, weight by
/// weight.
/// </summary>
/// <remarks>
/// Each weight is moved along a direction of length 1 that is half its own gradient's and half random, so that a gradient that lacks a term is seen
/// as well as one that points elsewhere. With D(h) = (f(w + hd) − f(w − hd)) / 2h, the slope is D(h) + (D(h) − D(2h)) / 3 but for terms of h⁴.
/// What it may err by: f itself, a mean of differences of logits, by twice what the reference's logits err by in float32, divided by h; and what
/// D(h) and D(2h) differ by, four times, which also covers a step over a kink or from one expert to another between any two of the points. Of
/// several h the one that errs least is taken.
/// </remarks>
public class FamilyGradientTests
{
    /// <summary>Steps, as parts of the weight's length.</summary>
    private static readonly double[] Steps = [0.1, 0.03, 0.01, 0.003, 0.001];

    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void GradientsAreCentralDifferences(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder, new ModelOptions { Trainable = true });
        using Device device = new(1);
        using Pass pass = new(device);
        Batch batch = new();
        List<int> labels = [];
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            batch.AddSequence(sequence.InputIds);
            labels.AddRange([.. sequence.InputIds[1..], CrossEntropy.Ignored]);
        }

        float[][] gradients = Gradients(model, device, batch, labels);
        Random random = new(5);
        double slopes = 0, errors = 0;
        for (int i = 0; i < gradients.Length; i++)
        {
            Tensor weight = model.Decoder.Weights[i];
            double[] direction = Direction(gradients[i], random);
            double expected = gradients[i].Zip(direction, (g, d) => g * d).Sum();
            (double slope, double error) = Slope(weight, direction, () => Loss(model, pass, batch, labels), 2 * golden.Noise);
            Assert.True(Math.Abs(slope - expected) <= error, $"{weight.Name}: {expected}, by differences {slope} ± {error}");
            slopes += Math.Abs(expected);
            errors += error;
        }

        // The bounds are narrow enough to say something.
        Assert.InRange(errors, 0, 0.05 * slopes);
    }

    private static float[][] Gradients(Model model, Device device, Batch batch, List<int> labels)
    {
        Tape tape = new();
        using Pass pass = new(device, tape);
        tape.Backward(pass, CrossEntropy.Forward(pass, model.Decoder.Forward(pass, batch)!, labels.ToArray()));
        return [.. model.Decoder.Weights.Select(weight => weight.Gradient is { } gradient ? gradient.Floats.AsSpan().ToArray() : new float[weight.Shape.Elements])];
    }

    /// <summary>Length 1, half along the gradient.</summary>
    private static double[] Direction(float[] gradient, Random random)
    {
        double[] noise = [.. gradient.Select(_ => random.NextDouble() - 0.5)];
        double length = Length(gradient.Select(g => (double)g)), noiseLength = Length(noise);
        double[] sum = [.. gradient.Zip(noise, (g, n) => (length > 0 ? g / length : 0) + (n / noiseLength))];
        double total = Length(sum);
        return [.. sum.Select(d => d / total)];
    }

    private static (double Slope, double Error) Slope(Tensor weight, double[] direction, Func<double> loss, double noise)
    {
        float[] stored = weight.Floats.AsSpan().ToArray();
        double length = Length(stored.Select(w => (double)w));
        (double Slope, double Error) best = (0, double.PositiveInfinity);
        foreach (double step in Steps)
        {
            double h = step * length, near = Difference(h), far = Difference(2 * h), error = (noise / h) + (4 * Math.Abs(near - far));
            if (error < best.Error) best = (near + ((near - far) / 3), error);
        }

        stored.CopyTo(weight.Floats.AsSpan());
        return best;

        double Difference(double h)
        {
            double above = At(h), below = At(-h);
            return (above - below) / (2 * h);
        }

        double At(double h)
        {
            for (int i = 0; i < stored.Length; i++) weight.Floats[i] = (float)(stored[i] + (h * direction[i]));
            return loss();
        }
    }

    /// <summary>In double from the logits on, so that it does not round to floats.</summary>
    private static double Loss(Model model, Pass pass, Batch batch, List<int> labels)
    {
        pass.Reset();
        Tensor logits = model.Decoder.Forward(pass, batch)!;
        int vocabulary = (int)logits.Shape.Columns, counted = 0;
        double sum = 0;
        for (int row = 0; row < labels.Count; row++)
        {
            if (labels[row] < 0) continue;
            ReadOnlySpan<float> values = logits.Floats.AsSpan((long)row * vocabulary, vocabulary);
            double exponentials = 0;
            foreach (float value in values) exponentials += Math.Exp(value);
            sum += Math.Log(exponentials) - values[labels[row]];
            counted++;
        }

        return sum / counted;
    }

    private static double Length(IEnumerable<double> vector) => Math.Sqrt(vector.Sum(element => element * element));
}
