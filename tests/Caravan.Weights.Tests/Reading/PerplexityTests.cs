using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Perplexities are what their definition says, and the same on every instruction set and number of threads.</summary>
public sealed class PerplexityTests
{
    private const string Story =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the sun. One day, she saw a big dog. The dog was sad. " +
        "Lily asked, \"Why are you sad?\" The dog said, \"I lost my ball.\" They looked for the ball together, and found it under a tree.";

    private static readonly string Model260K = Fixtures.PathOf("real", "stories260K.bin");

    /// <summary>A story, many stories, and what no story is: unlikely tokens, bytes, many windows.</summary>
    public static TheoryData<string> Texts => [Story, string.Join(' ', Enumerable.Repeat(Story, 8)), File.ReadAllText(Path.Combine(Fixtures.Repository, "MAP.md")) + "Ŧ→汉 \u0001"];

    [FixtureTheory]
    [MemberData(nameof(Texts))]
    public void Instruction_sets_and_threads_agree(string text)
    {
        using Model model = Model.Load(Model260K);
        double expected = Measure(model, text, new TextOptions { Threads = 1, InstructionSet = InstructionSet.Scalar }).Perplexity;
        foreach (InstructionSet set in Cpu.Supported)
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                TextLoss loss = Measure(model, text, new TextOptions { Threads = threads, InstructionSet = set });
                Assert.Equal(1, loss.Perplexity / expected, 1e-3);
                TextLoss again = Measure(model, text, new TextOptions { Threads = threads, InstructionSet = set });
                Assert.Equal(loss, again);
            }
        }
    }

    [FixtureTheory]
    // Windows that overlap, that do not, that step by one, and one that holds everything.
    [InlineData(24, 12)]
    [InlineData(24, 24)]
    [InlineData(7, 1)]
    [InlineData(400, 100)]
    public void They_are_what_the_definition_says(int context, int stride)
    {
        using Model model = Model.Load(Model260K);
        TextLoss loss = Measure(model, Story, new TextOptions { Context = context, Stride = stride, InstructionSet = InstructionSet.Scalar });
        int[] tokens = model.Tokenizer.Encode(Story);
        List<double> losses = [];
        for (int place = 1; place < tokens.Length; place++)
        {
            // The first window that reaches behind this token; its first token is never predicted.
            int start = 0;
            while (start + context <= place) start += stride;
            if (start == place) continue;
            int[] before = [model.Tokenizer.BosId!.Value, .. tokens[(start + 1)..place]];
            losses.Add(-LogProbability(model, before, tokens[place]));
        }

        double mean = losses.Average(), deviation = Math.Sqrt(losses.Sum(each => (each - mean) * (each - mean)) / (losses.Count - 1));
        Assert.Equal(losses.Count, loss.Tokens);
        Assert.Equal(1, loss.NegativeLogLikelihood / losses.Sum(), 1e-5);
        Assert.Equal(1, loss.Perplexity / Math.Exp(mean), 1e-4);
        Assert.Equal(1, loss.StandardError!.Value / (Math.Exp(mean) * deviation / Math.Sqrt(losses.Count)), 1e-4);
        if (stride < context) Assert.Equal(Story.Length, loss.Bytes);
        else Assert.InRange(loss.Bytes, 1, Story.Length - 1);
        Assert.Equal(loss.NegativeLogLikelihood / Math.Log(2) / loss.Bytes, loss.BitsPerByte!.Value, 1e-12);
    }

    [FixtureFact]
    public void Quantized_weights_agree_between_instruction_sets_too()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("q8_0.gguf");
        Quantizer.Quantize(Fixtures.PathOf("real", "stories260K-hf"), path, new QuantizeOptions { Mix = QuantizationMix.Parse("q8_0") });
        using Model model = Model.Load(path);
        double expected = Measure(model, Story, new TextOptions { InstructionSet = InstructionSet.Scalar }).Perplexity;
        foreach (InstructionSet set in Cpu.Supported)
            Assert.Equal(1, Measure(model, Story, new TextOptions { InstructionSet = set }).Perplexity / expected, 1e-3);
    }

    [FixtureTheory]
    [InlineData("", 512, null, "The text has 1 token, and at least 2 are needed to predict one; give a longer text.")]
    [InlineData("Once", 1, null, "Windows of 1 tokens predict nothing; 2 tokens or more were expected.")]
    [InlineData("Once", 4, 5, "A stride of 5 tokens does not fit windows of 4; 1 to 4 were expected.")]
    public void What_cannot_be_measured_is_told(string text, int context, int? stride, string sentence)
    {
        using Model model = Model.Load(Model260K);
        TextOptions options = new() { Context = context, Stride = stride };
        Assert.Equal(sentence, Assert.Throws<CaravanException>(() => Measure(model, text, options)).Message);
    }

    [FixtureFact]
    public void Broken_weights_are_named()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = File.ReadAllBytes(Model260K);
        // The first number of the embedding of token 0, behind the header of seven integers; every token's logits need it, since the head is tied.
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, 28);
        string path = folder.Write("broken.bin", bytes);
        File.Copy(Fixtures.PathOf("real", "tok512.bin"), folder.File("tokenizer.bin"));
        using Model model = Model.Load(path);
        CaravanException exception = Assert.Throws<CaravanException>(() => Measure(model, Story, new TextOptions()));
        Assert.Equal($"'{path}': the weight 'token_embd.weight' holds NaN or infinity, and so do the logits; download or convert the model again.", exception.Message);
    }

    [FixtureFact]
    public void It_can_be_stopped_between_windows()
    {
        using Model model = Model.Load(Model260K);
        using CancellationTokenSource source = new();
        List<int> done = [];
        StoppingProgress progress = new(value =>
        {
            done.Add(value.Done);
            if (value.Done == 2) source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => PerplexityRun.Measure(model, Story, new TextOptions { Context = 8 }, progress, source.Token));
        Assert.Equal([0, 1, 2], done);
    }

    private static TextLoss Measure(Model model, string text, TextOptions options) => PerplexityRun.Measure(model, text, options);

    private static double LogProbability(Model model, int[] before, int token)
    {
        using Device device = new(1, InstructionSet.Scalar);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence(before, LogitRows.Last);
        Span<float> logits = model.Decoder.Forward(pass, batch)!.Floats.AsSpan();
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit);
        return logits[token] - Math.Log(sum);
    }

    private sealed class StoppingProgress(Action<TextProgress> report) : IProgress<TextProgress>
    {
        public void Report(TextProgress value) => report(value);
    }
}
