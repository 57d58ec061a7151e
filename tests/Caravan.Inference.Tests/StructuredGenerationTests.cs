using System.Text;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Prompts that are objects of texts: the engine gives what computing the whole sequence anew for each token gives.</summary>
public sealed class StructuredGenerationTests : IDisposable
{
    private const int End = 7;

    private static readonly string[] Prompts =
    [
        """{"input": "the <mask_0> ran 42 <mask_1> up", "<ans>": {"<mask_0>": "", "<mask_1>": ""}}""",
        """{"question": "which?", "prompt": {"<option_0>": "one", "<option_1>": "two", "<option_2>": "7 or 8"}, "<ans>": ""}""",
        """{"<ans>": "", "input": "a"}""",
    ];

    private readonly TemporaryFolder folder = new();
    private readonly Model model;

    public StructuredGenerationTests()
    {
        TinyCpmBee.Write(folder.Path);
        model = Model.Load(folder.Path, new ModelOptions { Strict = true });
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    public void SequencesTogetherEqualThoseComputedAnew(int batchTokens)
    {
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 128, CacheTokens = 512, BatchTokens = batchTokens, KeyValueType = Kernels.DType.F32 });
        (GenerationRequest Request, int Steps)[] requests =
        [
            .. Prompts.Select((prompt, i) => (Request(prompt), i)),
            (Request(Prompts[0], end: 6), 0),
            (Request(Prompts[0], own: 8), 2),
            (new GenerationRequest { Prompt = model.Tokenizer.Encode("plain text"), Sampling = SamplingOptions.Greedy, MaxTokens = 20, StopTokens = [End] }, 1),
        ];
        List<Generation> generations = [];
        foreach ((GenerationRequest request, int steps) in requests)
        {
            generations.Add(engine.Submit(request));
            for (int i = 0; i < steps; i++) engine.Step();
        }

        while (engine.Step())
        {
        }

        Assert.Equal(requests.Select(each => Anew(each.Request)), generations.Select(generation => generation.Tokens.ToArray()));
        // Some go on to their second answer, and there are tokens beyond the vocabulary.
        Assert.Contains(generations, generation => generation.Tokens.Contains(End));
        Assert.Contains(generations, generation => generation.Tokens.Any(token => token >= model.Decoder.Spec.VocabularySize));
    }

    [Fact]
    public void AnswersAreLinesAndNumberedTokensTheirTexts()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 128 });
        StringBuilder text = new();
        List<int> tokens = [];
        TextRequest request = new() { Prompt = Prompts[0], MaxTokens = 40, Sampling = Request(Prompts[0], end: 6).Sampling };
        TextGeneration generation = TextGeneration.Run(engine, request, (piece, token, _) =>
        {
            text.Append(piece);
            if (token is { } chosen) tokens.Add(chosen.Id);
        });
        int own = model.Decoder.Spec.VocabularySize;
        string[] texts = ["<mask_1>"];
        string expected = string.Concat(tokens.Select(token => token == End ? "\n" : token >= own ? texts[token - own] : token == 2 ? "<mask_0>" : token == 1 ? "42" : model.Tokenizer.Decode([token])));
        Assert.Equal(expected, text.ToString());
        Assert.Contains('\n', expected);
        Assert.Equal(tokens, generation.Tokens.Tokens);
    }

    [Fact]
    public void TextIsTheInputOfAnObject()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 128 });
        Assert.Equal(Tokens("""{"input": "the end", "<ans>": ""}""", true), Tokens("the end", true));
        Assert.NotEqual(Tokens("the end", true), Tokens("the end", false));

        int[] Tokens(string prompt, bool addSpecial) =>
            [.. TextGeneration.Run(engine, new TextRequest { Prompt = prompt, AddSpecial = addSpecial, MaxTokens = 12, IgnoreEnd = true, Sampling = SamplingOptions.Greedy }, (_, _, _) => { }).Tokens.Tokens];
    }

    [Fact]
    public void WhatTheModelCannotTellApartIsRefused()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 128 });
        string deep = string.Concat(Enumerable.Repeat("{\"a\": ", 5)) + "\"b\"" + new string('}', 4) + ", \"<ans>\": \"\"}";
        Assert.Equal(
            $"The prompt's texts lie in 51 ways to each other, and '{folder.Path}' tells 40 apart; nest its objects less.",
            Assert.Throws<CaravanException>(() => engine.Submit(Request(deep))).Message);
        string crowded = "{\"<ans>\": \"\"" + string.Concat(Enumerable.Range(0, 40).Select(i => $", \"{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}\": \"x\"")) + "}";
        Assert.Contains("tokens, but the context holds 128", Assert.ThrowsAny<CaravanException>(() => engine.Submit(Request(crowded))).Message, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void OtherModelsTakeNoObjects()
    {
        using Model other = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(other);
        Assert.Contains("takes no prompts that are objects of texts", Assert.Throws<CaravanException>(() => engine.Submit(Request(Prompts[2]))).Message, StringComparison.Ordinal);
    }

    private GenerationRequest Request(string prompt, float end = 3, float own = 3)
    {
        EncodedPrompt encoded = model.Tokenizer.EncodePrompt(prompt, addSpecial: true, parseSpecial: false);
        Dictionary<int, float> bias = new() { [End] = end };
        if (encoded.Structured!.Numbered.Any(token => token.Number > 0)) bias[model.Decoder.Spec.VocabularySize] = own;
        return new GenerationRequest
        {
            Prompt = encoded.Tokens, Structured = encoded.Structured, MaxTokens = 40, StopTokens = [End],
            Sampling = SamplingOptions.Greedy with { LogitBias = bias, RepetitionPenalty = 1.3f },
        };
    }

    /// <summary>The most probable tokens, each from the whole sequence.</summary>
    private int[] Anew(GenerationRequest request)
    {
        int vocabulary = model.Decoder.Spec.VocabularySize;
        SequenceParts? parts = request.Structured is { } prompt ? new(prompt, vocabulary) : null;
        List<int> sequence = [.. parts?.Tokens ?? [.. request.Prompt]], answer = [], seen = [.. sequence];
        using Device device = new(1);
        using Pass pass = new(device);
        while (answer.Count < request.MaxTokens)
        {
            Batch batch = new();
            batch.AddSequence(sequence.ToArray(), sequence.Count - 1, parts);
            float[] logits = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
            foreach ((int token, float bias) in request.Sampling.LogitBias ?? new Dictionary<int, float>()) logits[token] += bias;
            foreach (int token in seen.Distinct()) logits[token] = logits[token] > 0 ? logits[token] / request.Sampling.RepetitionPenalty : logits[token] * request.Sampling.RepetitionPenalty;
            foreach (int token in parts?.Forbidden ?? []) logits[token] = float.NegativeInfinity;
            pass.Reset();
            int best = Array.IndexOf(logits, logits.Max());
            int next = best;
            if (best == End)
            {
                if (parts?.BeginAnswer(sequence.Count) is not { } begin) break;
                next = begin;
            }

            answer.Add(best);
            seen.Add(best);
            sequence.Add(next);
        }

        return [.. answer];
    }
}
