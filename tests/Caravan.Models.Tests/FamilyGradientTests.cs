using System.Text.Json.Nodes;
using Caravan.Kernels;
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
/// as well as one that points elsewhere. D(h) = (f(w + hd) − f(w − hd)) / 2h is the slope but for two errors: that of f in float32, taken to be
/// <see cref="NoiseFactor"/> times the range of what kernels of different widths make of it, divided by h; and that of stepping past curves, kinks and from one
/// expert to another. The latter is taken to be the difference of the slopes to both sides, or four times what D changes by when h is halved, or
/// half of what it was taken to be before, whichever is most: two of these numbers may agree by chance. Of several h the one that errs least counts.
/// </remarks>
public class FamilyGradientTests
{
    /// <summary>The largest step, as a part of the weight's length, and how often it is halved.</summary>
    private const double LargestStep = 0.04;
    private const int Halvings = 9;

    /// <summary>Kernels of different widths sum in different orders; this is how much more than they differ a loss may err.</summary>
    private const double NoiseFactor = 4;

    /// <summary>By how much the loss should change at most: what is far from the weights says nothing of the slope there.</summary>
    private const double LargestChange = 0.02;

    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void GradientsAreCentralDifferences(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using TemporaryFolder copy = new();
        string path = Shallow(golden, copy);
        using Model model = Model.Load(path, new ModelOptions { Trainable = true });
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
        double noise = Noise(model, batch, labels);
        Random random = new(5);
        double slopes = 0, errors = 0;
        for (int i = 0; i < gradients.Length; i++)
        {
            Tensor weight = model.Decoder.Weights[i];
            double[] direction = Direction(gradients[i], random);
            double expected = gradients[i].Zip(direction, (g, d) => g * d).Sum();
            (double slope, double error) = Slope(weight, direction, expected, () => Loss(model, pass, batch, labels), noise);
            Assert.True(Math.Abs(slope - expected) <= error, $"{weight.Name}: {expected}, by differences {slope} ± {error}");
            slopes += Math.Abs(expected);
            errors += error;
        }

        // The bounds are narrow enough to say something; where tokens choose experts, nearly every step meets another choice,
        // and where errors grow, slopes change from step to step.
        bool vague = path != golden.Folder || golden.Noise > 2e-5 || model.Decoder.Spec.Layers.Any(layer => layer.ChannelMixer.Experts > 0);
        Assert.InRange(errors, 0, (vague ? 0.5 : 0.1) * slopes);
    }

    /// <summary>
    /// The folder; of a model that magnifies errors until no difference shows a slope (chatglm-6b-v1, 28 layers) the first two layers, which err like
    /// those of the other folders.
    /// </summary>
    private static string Shallow(GoldenModel golden, TemporaryFolder copy)
    {
        if (golden.Noise < 4e-4) return golden.Folder;
        File.Copy(Path.Combine(golden.Folder, "model.safetensors"), copy.File("model.safetensors"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(golden.Folder, "config.json")))!;
        config["num_layers"] = 2;
        File.WriteAllText(copy.File("config.json"), config.ToJsonString());
        return copy.Path;
    }

    private static double Noise(Model model, Batch batch, List<int> labels)
    {
        List<double> losses = [];
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device device = new(1, set);
            using Pass pass = new(device);
            losses.Add(Loss(model, pass, batch, labels));
        }

        // On a processor with one width alone: a few roundings of a number near 5.
        return NoiseFactor * Math.Max(losses.Max() - losses.Min(), 1e-6);
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
