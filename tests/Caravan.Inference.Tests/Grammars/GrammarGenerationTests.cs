using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Models;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Grammars in the sampler and in the engine, on the trained model of the fixtures.</summary>
public sealed class GrammarGenerationTests
{
    [FixtureTheory]
    [InlineData(1f, 1f)]
    [InlineData(0.7f, 1.3f)]
    public void ProbabilitiesAreTheModelsOwnRenormalised(float temperature, float repetition)
    {
        Tokenizer tokenizer = GrammarWalk.Vocabulary("tok512.bin");
        Random random = new(3);
        float[] logits = [.. Enumerable.Range(0, 512).Select(_ => 6 * random.NextSingle())], before = [.. logits], masked = new float[512];
        SamplingOptions options = new() { Temperature = temperature, RepetitionPenalty = repetition, Seed = 1, LogProbs = 2 };
        Sampler sampler = new(options, 512, null, Cursor(Grammar.Regex("[a-f]{2,9}"), tokenizer));
        sampler.AcceptPrompt([1, 300, 301]);
        Cursor(Grammar.Regex("[a-f]{2,9}"), tokenizer).Mask(logits, masked);
        double[] expected = [.. masked.Select((logit, id) => Math.Exp((id is 1 or 300 or 301 ? logit / repetition : logit) / temperature))];
        double sum = expected.Sum(), all = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        int[] counts = new int[512];
        const int Draws = 40_000;
        for (int i = 0; i < Draws; i++)
        {
            SampledToken sampled = sampler.Sample(logits);
            counts[sampled.Id]++;
            // The reported log-probability is under the model's whole distribution.
            Assert.Equal(logits[sampled.Id] - all, sampled.LogProbability, 4);
            Assert.Equal(logits.Max() - all, sampler.TopLogProbabilities[0].LogProbability, 4);
        }

        Assert.Equal(before, logits);
        for (int id = 0; id < 512; id++)
        {
            double probability = expected[id] / sum;
            // Six standard deviations of a count.
            Assert.InRange(counts[id], Draws * probability - 6 * Math.Sqrt(Draws * probability), Draws * probability + 6 * Math.Sqrt(Draws * probability));
        }
    }

    [FixtureTheory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void AGrammarThatAllowsEverythingChangesNothing(float temperature)
    {
        SamplingOptions free = new() { Temperature = temperature, Seed = 11, RepetitionPenalty = 1.1f };
        foreach (string prompt in (string[])["", "Once upon a time"])
        {
            (string text, TextGeneration generation) = Run(prompt, free, 120);
            foreach (Grammar grammar in (Grammar[])[Grammar.Gbnf("root ::= .*"), Grammar.Regex(@"[\s\S]*"), Grammar.After(["never written"], Grammar.Json)])
            {
                (string same, TextGeneration constrained) = Run(prompt, free with { Grammar = grammar }, 120);
                Assert.Equal(generation.Tokens.Tokens, constrained.Tokens.Tokens);
                Assert.Equal(text, same);
                Assert.Equal(generation.Tokens.FinishReason, constrained.Tokens.FinishReason);
            }
        }
    }

    /// <summary>The first blank of a SentencePiece text is dropped behind an empty prompt and kept behind another: the text matches either way.</summary>
    [FixtureTheory]
    [InlineData("")]
    [InlineData("Once upon a time")]
    public void TextsMatchBehindEveryPrompt(string prompt)
    {
        Grammar grammar = Grammar.Regex("[A-Z][a-z]{1,8}( [a-z]{1,8}){2,5}[.!]");
        for (ulong seed = 0; seed < 25; seed++)
        {
            (string text, TextGeneration generation) = Run(prompt, new SamplingOptions { Seed = seed, Grammar = grammar }, 100);
            Assert.Equal(FinishReason.Stop, generation.Tokens.FinishReason);
            Assert.Matches(new Regex(@"\A[A-Z][a-z]{1,8}( [a-z]{1,8}){2,5}[.!]\z"), text);
        }
    }

    [FixtureFact]
    public void SequencesSideBySideGetWhatTheyGetAlone()
    {
        Grammar grammar = Grammar.JsonSchema(SchemaExamples.All["optional"]);
        SamplingOptions[] options = [.. Enumerable.Range(0, 6).Select(seed => new SamplingOptions { Seed = (ulong)seed, Grammar = seed % 3 == 2 ? null : grammar })];
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 256, CacheTokens = 2048 });
        GenerationRequest request = new() { Prompt = [1, 403], MaxTokens = 60, StopTokens = [2] };
        Generation[] together = [.. options.Select(option => engine.Submit(request with { Sampling = option }))];
        while (engine.Step()) { }
        for (int i = 0; i < options.Length; i++) Assert.Equal(engine.Generate(request with { Sampling = options[i] }).Tokens, together[i].Tokens);
    }

    [FixtureFact]
    public void ACompleteTextEndsWithoutAnEndToken()
    {
        (string text, TextGeneration generation) = Run("", SamplingOptions.Greedy with { Grammar = Grammar.Regex("(yes|no), indeed") }, 50);
        Assert.Contains(text, (string[])["yes, indeed", "no, indeed"]);
        Assert.Equal(FinishReason.Stop, generation.Tokens.FinishReason);
        Assert.Equal("", Run("", SamplingOptions.Greedy with { Grammar = Grammar.Regex("") }, 50).Text);
    }

    [FixtureFact]
    public void ATextThatEndsTooEarlyIsReportedAsCut()
    {
        (_, TextGeneration generation) = Run("", SamplingOptions.Greedy with { Grammar = Grammar.Regex("[a-z]{300}") }, 10);
        Assert.Equal(FinishReason.Length, generation.Tokens.FinishReason);
    }

    [FixtureFact]
    public void WhereNoTokenCanGoOnTheSequenceFailsAlone()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, new EngineOptions { Threads = 2, CacheTokens = 1024, ContextLength = 128 });
        Dictionary<int, float> bias = Enumerable.Range(0, 512).Where(id => model.Tokenizer.TokenBytes(id).Contains((byte)'b')).ToDictionary(id => id, _ => float.NegativeInfinity);
        Generation stuck = engine.Submit(new GenerationRequest { Prompt = [1], Sampling = SamplingOptions.Greedy with { Grammar = Grammar.Text("ab"), LogitBias = bias } });
        Generation other = engine.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 5, Sampling = SamplingOptions.Greedy });
        while (engine.Step()) { }
        Assert.Equal(FinishReason.Failed, stuck.FinishReason);
        Assert.StartsWith("No token of the vocabulary can go on", stuck.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(5, other.Tokens.Count);
    }

    [FixtureFact]
    public void GrammarsCompose()
    {
        Grammar call = Grammar.Sequence(
            Grammar.Text("<tool>"), Grammar.Choice(Grammar.JsonSchema("""{"properties":{"name":{"const":"a"}},"required":["name"]}"""), Grammar.Regex("none{1,3}")), Grammar.Text("</tool>"));
        Grammar lazy = Grammar.After(["CALL ", "RUN"], Grammar.JsonObject);
        foreach (string vocabulary in GrammarWalk.Vocabularies)
        {
            for (int seed = 0; seed < 30; seed++)
            {
                string text = GrammarWalk.Text(call, GrammarWalk.Vocabulary(vocabulary), seed)!;
                Assert.Matches(new Regex("""\A<tool>(\{ ?"name": ?"a" ?\}|none{1,3})</tool>\z"""), text);
                Tokenizer tokenizer = GrammarWalk.Vocabulary(vocabulary);
                GrammarCursor cursor = new(lazy.For(tokenizer), [], continues: true);
                foreach (int token in tokenizer.Encode("anything RUCALL", addSpecial: false)) cursor.Accept(token);
                Assert.True(cursor.CanEnd);
                cursor.Accept(tokenizer.Encode(" ", addSpecial: false)[^1]);
                Assert.False(cursor.CanEnd);
            }
        }
    }

    [FixtureFact]
    public void MaskedDecodingAllocatesNothingOnceMasksAreKnown()
    {
        Tokenizer tokenizer = GrammarWalk.Vocabulary("ggml-vocab-llama-spm.gguf");
        int[] tokens = tokenizer.Encode("""{"location": "Paris, the city", "unit": "celsius", "days": 3}""", addSpecial: false);
        TokenGrammar grammar = Grammar.JsonObject.For(tokenizer);
        float[] logits = new float[tokenizer.VocabularySize];
        Sampler[] samplers = [.. Enumerable.Range(0, 2).Select(_ => new Sampler(new SamplingOptions { Seed = 1 }, logits.Length, null, new GrammarCursor(grammar, [2], continues: false)))];
        long before = 0;
        foreach (Sampler sampler in samplers)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            foreach (int token in tokens)
            {
                sampler.Sample(logits);
                sampler.Accept(token);
            }
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(samplers[1].MustEnd);
    }

    [FixtureFact]
    public void JsonOfATrainedModelIsWhatItsSchemaSays()
    {
        using JsonDocument schema = JsonDocument.Parse(SchemaExamples.All["weather"]);
        SchemaValidator validator = new(schema.RootElement);
        Grammar grammar = Grammar.JsonSchema(schema.RootElement);
        for (ulong seed = 0; seed < 10; seed++)
        {
            (string text, TextGeneration generation) = Run("Lily said ", new SamplingOptions { Seed = seed, Grammar = grammar }, 150);
            Assert.Equal(FinishReason.Stop, generation.Tokens.FinishReason);
            using JsonDocument value = JsonDocument.Parse(text);
            Assert.Null(validator.Validate(value.RootElement));
        }
    }

    private static GrammarCursor Cursor(Grammar grammar, Tokenizer tokenizer) => new(grammar.For(tokenizer), [], continues: true);

    private static (string Text, TextGeneration Generation) Run(string prompt, SamplingOptions sampling, int count)
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, new EngineOptions { Threads = 2 });
        StringBuilder text = new();
        TextGeneration generation = TextGeneration.Run(engine, new TextRequest { Prompt = prompt, MaxTokens = count, Sampling = sampling }, (piece, _, _) => text.Append(piece));
        return (text.ToString(), generation);
    }
}
