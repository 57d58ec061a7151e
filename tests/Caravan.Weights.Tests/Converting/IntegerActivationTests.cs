using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>What rounding activations to 8 bits does to a trained model's predictions.</summary>
public sealed class IntegerActivationTests
{
    /// <summary>Mean KL divergence, in nats, of the next token after 200 tokens of a story that the model tells itself.</summary>
    [FixtureFact]
    public void Predictions_of_stories260K_hardly_change()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("stories.gguf");
        ConvertReport report = Converter.Convert(Fixtures.PathOf("real", "stories260K.bin"), path, new ConvertOptions { Type = DType.Q8_0 });
        Assert.True(report.Types[DType.Q8_0] > 20);
        using Model model = Model.Load(path);
        int[] tokens = [.. Enumerable.Range(0, 200)];
        tokens[0] = 1;
        for (int length = 1; length < tokens.Length; length++)
        {
            float[] logits = Logits(model, tokens[..length], ActivationPrecision.Exact);
            tokens[length] = Likeliest(logits.AsSpan()[^model.Decoder.Spec.VocabularySize..]);
        }

        float[] exact = Logits(model, tokens, ActivationPrecision.Exact), rounded = Logits(model, tokens, ActivationPrecision.Int8);
        if (Cpu.Best >= InstructionSet.Avx2) Assert.NotEqual(exact, rounded);
        Assert.InRange(Divergence(exact, rounded, model.Decoder.Spec.VocabularySize), 0, 1e-3);
    }

    private static float[] Logits(Model model, int[] tokens, ActivationPrecision precision)
    {
        using Device device = new(2, null, precision);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence(tokens);
        return model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }

    private static double Divergence(float[] exact, float[] rounded, int vocabulary)
    {
        double total = 0;
        for (int start = 0; start < exact.Length; start += vocabulary)
        {
            double[] p = LogProbabilities(exact.AsSpan(start, vocabulary)), q = LogProbabilities(rounded.AsSpan(start, vocabulary));
            for (int i = 0; i < vocabulary; i++) total += Math.Exp(p[i]) * (p[i] - q[i]);
        }

        return total / (exact.Length / vocabulary);
    }

    private static double[] LogProbabilities(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        double[] result = new double[logits.Length];
        for (int i = 0; i < result.Length; i++) result[i] = logits[i] - largest - Math.Log(sum);
        return result;
    }
}
