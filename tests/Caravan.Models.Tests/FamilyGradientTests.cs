using System.Text.Json.Nodes;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Every family can be trained: <see cref="GradientCheck"/> of a small random model of each, and of every fixture folder.</summary>
public class FamilyGradientTests
{
    /// <summary>What magnifies errors until a difference says little of a slope.</summary>
    private const double LoudNoise = 2e-5, TooLoudNoise = 4e-4;

    public static TheoryData<string> Families => [.. FamilyCatalog.All.Select(family => family.Name)];

    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes), kind: null);

    [Theory]
    [MemberData(nameof(Families))]
    public void OfEveryFamily(string name)
    {
        using TemporaryFolder folder = new();
        TinyFamilies.Write(name, folder);
        using Model model = Model.Load(folder.Path, new ModelOptions { Trainable = true, Strict = true });
        Assert.Equal(name, model.Family.Name);
        GradientCheck.Check(model, TrainingTask.Of(model, Texts()), HasExperts(model));
    }

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void OfEveryFolder(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using TemporaryFolder copy = new();
        string path = Shallow(golden, copy);
        using Model model = Model.Load(path, new ModelOptions { Trainable = true });
        int[][] texts = golden.Sequences.Count > 0 ? [.. golden.Sequences.Select(sequence => sequence.InputIds)] : Texts();
        GradientCheck.Check(model, TrainingTask.Of(model, texts), path != golden.Folder || golden.Noise > LoudNoise || HasExperts(model));
    }

    private static int[][] Texts()
    {
        Random random = new(3);
        return [.. new[] { 9, 5 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(3, TinyFamilies.LeastVocabulary)).ToArray())];
    }

    /// <summary>Where tokens choose experts, nearly every step meets another choice.</summary>
    private static bool HasExperts(Model model) =>
        model.Spec.Layers.Concat((model.Spec as DecoderSpec)?.Encoder?.Layers ?? []).Any(layer => layer.ChannelMixer.Experts > 0);

    /// <summary>
    /// The folder; of a model that magnifies errors until no difference shows a slope (chatglm-6b-v1, 28 layers) the first two layers, which err like
    /// those of the other folders.
    /// </summary>
    private static string Shallow(GoldenModel golden, TemporaryFolder copy)
    {
        if (golden.Noise < TooLoudNoise) return golden.Folder;
        File.Copy(Path.Combine(golden.Folder, "model.safetensors"), copy.File("model.safetensors"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(golden.Folder, "config.json")))!;
        config["num_layers"] = 2;
        File.WriteAllText(copy.File("config.json"), config.ToJsonString());
        return copy.Path;
    }
}
