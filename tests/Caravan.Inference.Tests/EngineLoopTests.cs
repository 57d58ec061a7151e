using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

public sealed class EngineLoopTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Model model;
    private readonly Engine engine;

    public EngineLoopTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
        engine = new Engine(model, new EngineOptions { Threads = 1, ContextLength = 256, CacheTokens = 512 });
    }

    public void Dispose()
    {
        engine.Dispose();
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task RequestsFromManyThreadsGetTheirOwnTexts()
    {
        TextRequest[] requests = [.. Enumerable.Range(0, 40).Select(i => new TextRequest { Prompt = $"number {i}", MaxTokens = 30, Sampling = SamplingOptions.Greedy, IgnoreEnd = true })];
        string[] alone = new string[requests.Length];
        for (int i = 0; i < requests.Length; i++) TextGeneration.Run(engine, requests[i], (text, _, _) => alone[i] += text.ToString());
        using EngineLoop loop = new(engine);
        string[] together = await Task.WhenAll(requests.Select(request => Task.Run(async () =>
        {
            string text = "";
            await foreach (TextDelta piece in loop.Stream(request)) text += piece.Text;
            return text;
        })));
        Assert.Equal(alone, together);
        await loop.DrainAsync();
        Assert.Equal((0, 0, 0), (engine.Status.Running, engine.Status.Waiting, engine.Status.PagesUsed));
    }

    [Fact]
    public async Task WhoeverStopsReadingFreesItsPlace()
    {
        using EngineLoop loop = new(engine);
        TextStream stream = loop.Stream(new TextRequest { Prompt = "a", MaxTokens = 200, IgnoreEnd = true });
        await foreach (TextDelta _ in stream) break;
        await stream.Tokens.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(FinishReason.Cancelled, stream.Tokens.FinishReason);
        Assert.Equal(0, engine.Status.PagesUsed);
    }

    [Fact]
    public async Task OtherWorkIsDoneBetweenTwoSteps()
    {
        EngineLoop loop = new(engine);
        Generation generation = loop.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 100, Sampling = SamplingOptions.Greedy });
        Task<int>[] work = [.. Enumerable.Range(0, 10).Select(i => loop.Between(_ => i))];
        Assert.Equal(Enumerable.Range(0, 10), await Task.WhenAll(work));
        // What fails there fails for who asked for it, and for nobody else.
        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.Between<int>(_ => throw new InvalidOperationException()));
        await generation.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(FinishReason.Length, generation.FinishReason);
        loop.Dispose();
        await Assert.ThrowsAsync<EngineBusyException>(() => loop.Between(_ => 1));
    }

    [Fact]
    public void AFullQueueRefuses()
    {
        using EngineLoop loop = new(engine, queueLength: 0);
        string sentence = Assert.Throws<EngineBusyException>(() => loop.Stream(new TextRequest { Prompt = "a" })).Message;
        Assert.Equal("0 requests wait already, and that is as many as may; try again later.", sentence);
    }

    [Fact]
    public async Task WhatRunsWhenTheLoopEndsIsToldSo()
    {
        EngineLoop loop = new(engine);
        Generation generation = loop.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 200 });
        loop.Dispose();
        await generation.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        if (generation.FinishReason == FinishReason.Failed) Assert.Equal("The engine was stopped before the answer was complete.", generation.Failure!.Message);
        Assert.True(Assert.Throws<EngineBusyException>(() => loop.Submit(new GenerationRequest { Prompt = [1] })).IsEnding);
    }

    [Fact]
    public async Task ADrainedLoopEndsWhatItTookAndTakesNoMore()
    {
        using EngineLoop loop = new(engine);
        Generation generation = loop.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 100, Sampling = SamplingOptions.Greedy });
        await loop.DrainAsync();
        Assert.Equal(100, generation.Tokens.Count);
        Assert.Throws<EngineBusyException>(() => loop.Submit(new GenerationRequest { Prompt = [1] }));
    }

    [Fact]
    public async Task AFailingStepFailsItsRequestsAndNotTheLoop()
    {
        using EngineLoop loop = new(engine);
        Generation broken = loop.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 5 }, (in GeneratedToken _, ReadOnlySpan<TokenLogProbability> _) => throw new InvalidOperationException("no"));
        await broken.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("A step of the engine failed: no", broken.Failure!.Message);
        Generation next = loop.Submit(new GenerationRequest { Prompt = [1], MaxTokens = 5, Sampling = SamplingOptions.Greedy });
        await next.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(5, next.Tokens.Count);
        Assert.Equal(0, engine.Status.PagesUsed);
    }
}
