using System.Text.Json;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>CLIP's towers, and LLaVA, against the reference's numbers.</summary>
public class VisionTests
{
    [FixtureTheory]
    [InlineData("clip")]
    [InlineData("llava")]
    [InlineData("llava-full-mistral")]
    public void NothingInTheFilesIsLeftUnused(string folder) => Model.Load(Fixtures.PathOf("models", folder), new ModelOptions { Strict = true }).Dispose();

    [FixtureFact]
    public void BothTowersOfClip()
    {
        JsonElement expected = Expected("clip");
        using Model model = Model.Load(Fixtures.PathOf("models", "clip"));
        Clip clip = (Clip)model.Network;
        float[][] images = [.. expected.GetProperty("pixel_values").EnumerateArray().Select(Pixels)];
        int[][] texts = expected.GetProperty("input_ids").Deserialize<int[][]>()!, mask = expected.GetProperty("attention_mask").Deserialize<int[][]>()!;
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device device = new(2, set);
            using Pass pass = new(device);
            Batch batch = new();
            for (int i = 0; i < texts.Length; i++) batch.AddSequence(texts[i].AsSpan(0, mask[i].Sum()));
            Tensor rows = clip.Vision.Forward(pass, images);
            Near(expected.GetProperty("vision_last_hidden_state_image0"), rows.Floats.AsSpan()[..(rows.Floats.AsSpan().Length / images.Length)]);
            Near(expected.GetProperty("vision_pooler_output"), clip.Pooled(pass, rows, images.Length).Floats.AsSpan());
            float[][] image = Directions(clip.ImageVectors(pass, images)), text = Directions(clip.TextVectors(pass, batch));
            Near(expected.GetProperty("image_embeds"), [.. image.SelectMany(vector => vector)]);
            Near(expected.GetProperty("text_embeds"), [.. text.SelectMany(vector => vector)]);
            Near(expected.GetProperty("logits_per_image"), clip.Similarities(pass, batch, images).Floats.AsSpan());
        }
    }

    [FixtureTheory]
    [InlineData("llava")]
    [InlineData("llava-full-mistral")]
    public void ImagesAmongTokens(string folder)
    {
        JsonElement expected = Expected(folder);
        using Model model = Model.Load(Fixtures.PathOf("models", folder));
        VisionLanguage llava = model.VisionLanguage!;
        int[] tokens = llava.Expand(expected.GetProperty("input_ids").Deserialize<int[]>()!, 1);
        Assert.Equal(expected.GetProperty("input_ids_expanded").Deserialize<int[]>(), tokens);
        Assert.Equal(tokens, llava.Expand(tokens, 1));
        Assert.Contains("image tokens, but 2 images", Assert.Throws<CaravanException>(() => llava.Expand(tokens, 2)).Message, StringComparison.Ordinal);
        int[] argmax = expected.GetProperty("argmax").Deserialize<int[]>()!;
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device device = new(2, set);
            using Pass pass = new(device);
            Tensor features = llava.Features(pass, [Pixels(expected.GetProperty("pixel_values"))]);
            Near(expected.GetProperty("image_features_first"), features.Floats.AsSpan()[..model.Spec.HiddenSize]);
            Near(expected.GetProperty("image_features_last"), features.Floats.AsSpan()[^model.Spec.HiddenSize..]);
            Batch batch = new();
            batch.AddSequence(tokens);
            llava.Place(batch, tokens, 0, tokens.Length, features);
            float[] logits = llava.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
            float[][] rows = [.. logits.Chunk(model.Spec.VocabularySize)];
            Assert.Equal(argmax, rows.Select(row => Array.IndexOf(row, row.Max())));
            Near(expected.GetProperty("logits_last3"), [.. rows[^3..].SelectMany(row => row)]);
        }
    }

    private static JsonElement Expected(string folder) => JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("models", folder, "expected.json"))).RootElement;

    private static float[] Pixels(JsonElement image) => [.. image.Deserialize<float[][][]>()!.SelectMany(channel => channel.SelectMany(line => line))];

    private static float[][] Directions(Tensor vectors) =>
        [.. vectors.Floats.AsSpan().ToArray().Chunk((int)vectors.Shape.Columns).Select(vector => vector.Select(value => value / MathF.Sqrt(vector.Sum(one => one * one))).ToArray())];

    private static void Near(JsonElement expected, ReadOnlySpan<float> actual)
    {
        float[] values = expected[0].ValueKind == JsonValueKind.Array ? [.. expected.Deserialize<float[][]>()!.SelectMany(row => row)] : expected.Deserialize<float[]>()!;
        Assert.Equal(values.Length, actual.Length);
        // Of the fixtures 1e-4 for numbers of order 1, and for larger ones as much of the largest.
        float tolerance = 1e-4f * Math.Max(1, values.Max(MathF.Abs) / 10);
        for (int i = 0; i < values.Length; i++) Assert.InRange(actual[i] - values[i], -tolerance, tolerance);
    }
}
