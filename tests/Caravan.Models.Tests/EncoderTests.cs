using System.Text.Json;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>BERT and its kin against the reference's rows, pooled vectors, guesses of masked tokens, and BERTScore.</summary>
public class EncoderTests
{
    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes), "encoder");

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    [InlineData("models/bert-mlm")]
    public void NothingInTheFilesIsLeftUnused(string folder) => Model.Load(GoldenModel.Open(folder).Folder, new ModelOptions { Strict = true }).Dispose();

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void RowsAndPooledVectors(string folder)
    {
        using Model model = Model.Load(Fixtures.PathOf(folder.Split('/')));
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device device = new(2, set);
            using Pass pass = new(device);
            foreach (JsonElement sequence in Expected(folder).GetProperty("sequences").EnumerateArray())
            {
                Batch batch = Add(new Batch(), sequence);
                Tensor rows = model.Encoder.Forward(pass, batch);
                Near(sequence, "last_hidden_state_last3", rows.Floats.AsSpan()[^(3 * model.Spec.HiddenSize)..]);
                Near(sequence, "last_hidden_state_first3", rows.Floats.AsSpan()[..(3 * model.Spec.HiddenSize)]);
                Near(sequence, "mean_pooled", model.Encoder.Pool(pass, rows, batch, Pooling.Mean).Floats.AsSpan());
                if (model.Encoder.Spec.HasPooler) Near(sequence, "pooler_output", model.Encoder.Pool(pass, rows, batch, Pooling.Projected).Floats.AsSpan());
                else Assert.Throws<CaravanException>(() => model.Encoder.Pool(pass, rows, batch, Pooling.Projected));
            }
        }
    }

    [FixtureTheory]
    [InlineData("models/bert")]
    [InlineData("models/roberta")]
    public void RowsAfterEachLayer(string folder)
    {
        using Model model = Model.Load(Fixtures.PathOf(folder.Split('/')));
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (JsonElement sequence in Expected(folder).GetProperty("sequences").EnumerateArray())
        {
            double[] norms = sequence.GetProperty("hidden_states_l2").Deserialize<double[]>()!;
            for (int layers = 0; layers < norms.Length; layers++)
            {
                Tensor rows = model.Encoder.Forward(pass, Add(new Batch(), sequence), layers);
                double sum = 0;
                foreach (float value in rows.Floats.AsSpan()) sum += (double)value * value;
                Assert.Equal(norms[layers], Math.Sqrt(sum), 1e-4);
                Near(sequence.GetProperty("hidden_states_last_position_first8")[layers], rows.Floats.AsSpan()[^model.Spec.HiddenSize..][..8]);
            }
        }
    }

    /// <summary>Where the reference pads and masks, batches here hold what is not padding.</summary>
    [FixtureTheory]
    [InlineData("models/bert")]
    [InlineData("models/roberta")]
    public void TextsOfDifferentLengthsTogether(string folder)
    {
        JsonElement expected = Expected(folder).GetProperty("padded_batch");
        int[][] tokens = expected.GetProperty("input_ids").Deserialize<int[][]>()!, mask = expected.GetProperty("attention_mask").Deserialize<int[][]>()!;
        using Model model = Model.Load(Fixtures.PathOf(folder.Split('/')));
        using Device device = new(2);
        using Pass pass = new(device);
        Batch batch = new();
        for (int i = 0; i < tokens.Length; i++) batch.AddSequence(tokens[i].AsSpan(0, mask[i].Sum()));
        Tensor rows = model.Encoder.Forward(pass, batch), means = model.Encoder.Pool(pass, rows, batch, Pooling.Mean);
        Near(expected, "pooler_output", model.Encoder.Pool(pass, rows, batch, Pooling.Projected).Floats.AsSpan());
        Near(expected, "masked_mean_pooled", means.Floats.AsSpan());
        Near(expected, "last_hidden_state_row0_position5", rows.Floats.AsSpan(5 * model.Spec.HiddenSize, model.Spec.HiddenSize));
        int size = model.Spec.HiddenSize;
        Assert.Equal(
            expected.GetProperty("cosine_similarity_of_mean_pooled").GetDouble(), Cosine(means.Floats.AsSpan()[..size], means.Floats.AsSpan()[size..]), 1e-5);
    }

    [FixtureFact]
    public void GuessesOfMaskedTokens()
    {
        GoldenModel golden = GoldenModel.Open("models/bert-mlm");
        using Model model = Model.Load(golden.Folder);
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            Batch batch = new();
            batch.AddSequence(sequence.InputIds);
            float[] logits = model.Encoder.Logits(pass, model.Encoder.Forward(pass, batch)).Floats.AsSpan().ToArray();
            float[][] rows = [.. logits.Chunk(model.Spec.VocabularySize)];
            Assert.Equal(sequence.Argmax, rows.Select(row => Array.IndexOf(row, row.Max())));
            for (int row = 0; row < 3; row++) Near(sequence.LogitsLast3[row], rows[^3..][row]);
        }
    }

    /// <summary>The last layers' rows are what BERTScore compares (Zhang et al. 2020), without first and last token.</summary>
    [FixtureTheory]
    [InlineData("models/bert")]
    [InlineData("models/roberta")]
    public void BertScore(string folder)
    {
        JsonElement expected = Expected(folder).GetProperty("bertscore");
        using Model model = Model.Load(Fixtures.PathOf(folder.Split('/')));
        using Device device = new(2);
        using Pass pass = new(device);
        foreach (JsonElement layer in expected.GetProperty("layers").EnumerateArray())
        {
            float[][] candidate = Inner("candidate"), reference = Inner("reference");
            double precision = candidate.Average(one => reference.Max(other => Cosine(one, other))), recall = reference.Average(one => candidate.Max(other => Cosine(one, other)));
            Assert.Equal(layer.GetProperty("precision").GetDouble(), precision, 1e-5);
            Assert.Equal(layer.GetProperty("recall").GetDouble(), recall, 1e-5);
            Assert.Equal(layer.GetProperty("f1").GetDouble(), 2 * precision * recall / (precision + recall), 1e-5);

            float[][] Inner(string text)
            {
                Batch batch = new();
                batch.AddSequence(expected.GetProperty(text).Deserialize<int[]>()!);
                return [.. model.Encoder.Forward(pass, batch, layer.GetProperty("layer").GetInt32()).Floats.AsSpan().ToArray().Chunk(model.Spec.HiddenSize).ToArray()[1..^1]];
            }
        }
    }

    private static JsonElement Expected(string folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.PathOf(folder.Split('/')), "expected.json"))).RootElement;

    private static Batch Add(Batch batch, JsonElement sequence)
    {
        batch.AddSequence(sequence.GetProperty("input_ids").Deserialize<int[]>()!);
        if (sequence.TryGetProperty("token_type_ids", out JsonElement types) && types.ValueKind == JsonValueKind.Array) batch.SetTokenTypes(types.Deserialize<int[]>()!);
        return batch;
    }

    private static void Near(JsonElement expected, string name, ReadOnlySpan<float> actual)
    {
        if (expected.TryGetProperty(name, out JsonElement values)) Near(values, actual);
    }

    private static void Near(JsonElement expected, ReadOnlySpan<float> actual) =>
        Near(expected[0].ValueKind == JsonValueKind.Array ? [.. expected.Deserialize<float[][]>()!.SelectMany(row => row)] : expected.Deserialize<float[]>()!, actual);

    /// <summary>The fixtures' tolerance for numbers of order 1.</summary>
    private static void Near(float[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -1e-4f, 1e-4f);
    }

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return ab / Math.Sqrt(aa * bb);
    }
}
