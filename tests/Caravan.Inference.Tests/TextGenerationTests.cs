using System.Text;
using System.Text.Json;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Text in, text out on the trained model of the fixtures, from every form its files come in.</summary>
public sealed class TextGenerationTests
{
    [FixtureTheory]
    [InlineData("stories260K.bin")]
    [InlineData("stories260K-hf")]
    public void ContinuesAsTheReference(string model)
    {
        JsonElement golden = Golden();
        Assert.Equal(golden.GetProperty("from_bos").GetProperty("text").GetString(), Run(model, "", 64).Text);
        string prompt = golden.GetProperty("from_prompt").GetProperty("text").GetString()!;
        Assert.Equal(golden.GetProperty("from_prompt").GetProperty("continuation_text").GetString(), Run(model, prompt, 64).Text);
    }

    [FixtureFact]
    public void AStopStringEndsTheTextBeforeIt()
    {
        (string text, TextGeneration generation) = Run("stories260K.bin", "", 64, "big, red");
        Assert.Equal("Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a ", text);
        Assert.Equal("big, red", generation.StopString);
        Assert.Equal(FinishReason.Stop, generation.Tokens.FinishReason);
    }

    [FixtureFact]
    public void ALongRunDecodesLikeTheWholeSequence()
    {
        (string text, TextGeneration generation) = Run("stories260K-hf", "Tim", 200);
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K-hf"));
        int[] prompt = model.Tokenizer.Encode("Tim");
        Assert.Equal(model.Tokenizer.Decode([.. prompt, .. generation.Tokens.Tokens]), "Tim" + text);
    }

    [FixtureFact]
    public void WithoutATokenizerTheSentenceSaysWhereOneWasLookedFor()
    {
        using TemporaryFolder folder = new();
        File.Copy(Fixtures.PathOf("real", "stories260K.bin"), folder.File("model.bin"));
        using Model model = Model.Load(folder.File("model.bin"));
        using Engine engine = new(model);
        CaravanException failure = Assert.Throws<CaravanException>(() =>
            TextGeneration.Run(engine, new TextRequest { Prompt = "x" }, (_, _, _) => { }));
        Assert.Equal(
            $"'{folder.File("model.bin")}' came without a tokenizer: beside it there is none of 'model.tokenizer.bin', 'tok512.bin', 'tokenizer.bin'; " +
            "name one with --tokenizer, or give token numbers.",
            failure.Message);
    }

    private static (string Text, TextGeneration Generation) Run(string file, string prompt, int count, params string[] stops)
    {
        using Model model = Model.Load(Fixtures.PathOf("real", file));
        using Engine engine = new(model, new EngineOptions { Threads = 2 });
        StringBuilder text = new();
        TextRequest request = new() { Prompt = prompt, MaxTokens = count, StopStrings = stops, Sampling = SamplingOptions.Greedy };
        TextGeneration generation = TextGeneration.Run(engine, request, (piece, _, _) => text.Append(piece));
        return (text.ToString(), generation);
    }

    private static JsonElement Golden() =>
        JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json"))).RootElement;
}
