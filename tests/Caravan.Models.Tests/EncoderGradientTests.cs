using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// Gradients of encoders and encoder-decoders along random directions of all weights, against central differences. Losses of order 1 are rounded to
/// 2⁻²⁴ of that several times over, which a step of 1/256 turns into an error below 1e-3; the difference itself errs by the step's square.
/// </summary>
public class EncoderGradientTests
{
    private const float Step = 1f / 256;

    [FixtureTheory]
    [InlineData("t5-v1_0")]
    [InlineData("t5-v1_1")]
    [InlineData("umt5")]
    [InlineData("bart")]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    public void DirectionalDerivatives(string folder)
    {
        using Model model = Model.Load(Fixtures.PathOf("models", folder), new ModelOptions { Trainable = true });
        using Device device = new(2);
        Tape tape = new();
        using Pass pass = new(device, tape);
        tape.Backward(pass, Loss(model, pass));
        Random random = new(5);
        foreach (IGrouping<string, Tensor> weights in model.Weights.GroupBy(weight => WeightName.Parse(weight.Name!).Template))
        {
            if (weights.All(weight => weight.Gradient is null)) continue;
            float[][] directions = [.. weights.Select(weight => Direction(random, weight))];
            double slope = weights.Zip(directions, (weight, direction) => weight.Gradient is null ? 0 : Dot(weight.Gradient.Floats.AsSpan(), direction)).Sum();
            double difference = (Moved(1) - Moved(-1)) / (2 * Step);
            Moved(0);
            Assert.InRange(slope - difference, -2e-3 - (0.02 * Math.Abs(slope)), 2e-3 + (0.02 * Math.Abs(slope)));

            double Moved(int steps)
            {
                foreach ((Tensor weight, float[] direction) in weights.Zip(directions)) Move(weight, direction, steps);
                return Evaluate(model, device);
            }
        }
    }

    private readonly Dictionary<Tensor, float[]> originals = [];

    private void Move(Tensor weight, float[] direction, int steps)
    {
        if (!originals.TryGetValue(weight, out float[]? original)) originals.Add(weight, original = weight.Floats.AsSpan().ToArray());
        for (int i = 0; i < original.Length; i++) weight.Floats[i] = original[i] + (steps * Step * direction[i]);
    }

    /// <summary>Of length 1 over the square root of its elements' number, so that steps are small against weights.</summary>
    private static float[] Direction(Random random, Tensor weight) =>
        [.. Enumerable.Range(0, (int)weight.Shape.Elements).Select(_ => ((2 * random.NextSingle()) - 1) * 2 / MathF.Sqrt(weight.Shape.Elements))];

    private static double Dot(ReadOnlySpan<float> a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < b.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    private static double Evaluate(Model model, Device device)
    {
        using Pass pass = new(device);
        return Loss(model, pass).Floats[0];
    }

    /// <summary>Of an encoder alone the pooled rows count as logits.</summary>
    private static Tensor Loss(Model model, Pass pass)
    {
        Batch source = new(), target = new();
        source.AddSequence([5, 9, 33, 7, 60, 2, 41]);
        source.AddSequence([8, 3, 90]);
        if (model.EncoderDecoder is { } both)
        {
            target.AddSequence([model.Generator.Spec.StartToken, 4, 17, 31]);
            target.AddSequence([model.Generator.Spec.StartToken, 12, 6, 13, 19]);
            return CrossEntropy.Forward(pass, both.Forward(pass, source, target)!, [4, 17, 31, 1, 12, 6, 13, 19, 1]);
        }

        Tensor rows = model.Encoder.Forward(pass, source);
        Tensor vectors = model.Encoder.Pool(pass, rows, source, model.Encoder.Spec.HasPooler ? Pooling.Projected : Pooling.Mean);
        return CrossEntropy.Forward(pass, vectors, [3, 17]);
    }
}
