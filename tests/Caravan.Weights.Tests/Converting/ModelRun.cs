using System.Text.Json;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>What a model on disk computes.</summary>
internal static class ModelRun
{
    /// <summary>The logits of every position of a sequence; everything in the files must be used.</summary>
    public static float[] Logits(string path, int[]? tokens = null)
    {
        using Model model = Model.Load(path, new ModelOptions { Strict = true });
        int vocabulary = model.Spec.VocabularySize;
        tokens ??= [.. Enumerable.Range(0, 24).Select(i => (7 + (i * 11)) % vocabulary)];
        using Device device = new(1);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence(tokens);
        return Forward(model, pass, batch).Floats.AsSpan().ToArray();
    }

    /// <summary>Of an encoder its rows; what an encoder-decoder answers is made of the same tokens.</summary>
    private static Tensor Forward(Model model, Pass pass, Batch batch)
    {
        if (model.Network is Encoder encoder) return encoder.Forward(pass, batch);
        if (model.EncoderDecoder is not { } both) return model.Decoder.Forward(pass, batch)!;
        Batch answer = new();
        answer.AddSequence(batch.Tokens[..(batch.Count / 2)]);
        return both.Forward(pass, batch, answer)!;
    }

    /// <summary>Both models' logits, position by position, at most <paramref name="tolerance"/> apart.</summary>
    public static void AssertSameLogits(string expected, string actual, float tolerance)
    {
        float[] wanted = Logits(expected), found = Logits(actual);
        Assert.Equal(wanted.Length, found.Length);
        Assert.InRange(wanted.Max() - wanted.Min(), 0.01f, 1000f);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= tolerance, $"logit {i}: {found[i]} instead of {wanted[i]} (± {tolerance})");
    }

    /// <summary>
    /// How far float32 arithmetic in another order moves a logit: the dot products of heads are summed in the order of the features, which GGUF
    /// changes. As for the fixtures: 2e-5 of the logits' range.
    /// </summary>
    public static float Rounding(string path)
    {
        float[] logits = Logits(path);
        return 2e-5f * (logits.Max() - logits.Min());
    }

    /// <summary>Every fixture folder of a known family.</summary>
    public static TheoryData<string> Fixture()
    {
        TheoryData<string> folders = [];
        if (!Fixtures.Available) return folders;
        foreach (JsonElement row in JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("INDEX.json"))).RootElement.EnumerateArray())
        {
            string type = row.GetProperty("model_type").GetString()!;
            if (FamilyCatalog.All.Any(family => family.ModelTypes.Contains(type) && family.GgufArchitectures.Count > 0)) folders.Add(row.GetProperty("folder").GetString()!);
        }

        return folders;
    }
}
