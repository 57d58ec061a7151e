using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>
/// Runs many sequences through one model. Each step admits what fits, packs the next tokens of all running sequences into one batch, computes
/// it, samples, and hands out tokens. After warm-up a step of decoding allocates nothing.
/// </summary>
internal sealed class Scheduler
{
    private readonly Model model;
    private readonly Decoder generator;
    private readonly PagePool pool;
    private readonly StatePool states;
    private readonly Pass pass;
    private readonly int batchTokens;
    private readonly Queue<Sequence> waiting = new();
    private readonly List<Sequence> running = [];
    private readonly List<Sequence> sampling = [];
    private readonly Batch batch = new();

    public Scheduler(Model model, PagePool pool, StatePool states, Pass pass, int batchTokens)
    {
        (this.model, this.pool, this.states, this.pass, this.batchTokens) = (model, pool, states, pass, batchTokens);
        generator = model.Generator;
        batch.Reserve(batchTokens, pool.Memory.Count);
    }

    /// <summary>Whether there is anything to do.</summary>
    public bool IsIdle => waiting.Count == 0 && running.Count == 0;

    public void Enqueue(Sequence sequence) => waiting.Enqueue(sequence);

    /// <summary>One forward pass; false when there was nothing to do.</summary>
    public bool Step()
    {
        DropCancelled();
        Admit();
        if (running.Count == 0) return false;
        Pack();
        Tensor? logits = generator.Forward(pass, batch, pool.Memory, states: states.Memory);
        if (logits is not null) Sample(logits);
        pass.Reset();
        RetireFinished();
        return true;
    }

    private void DropCancelled()
    {
        foreach (Sequence sequence in running)
            if (sequence.Generation.IsCancelled) sequence.Generation.Finish(FinishReason.Cancelled);
        RetireFinished();
        while (waiting.TryPeek(out Sequence? next) && next.Generation.IsCancelled) waiting.Dequeue().Generation.Finish(FinishReason.Cancelled);
    }

    /// <summary>Lets sequences in, in order, while a slot and the pages they can come to need are there: none has to be thrown out later.</summary>
    private void Admit()
    {
        int promised = 0;
        foreach (Sequence sequence in running) promised += sequence.PagesToTake;
        while (states.Available > 0 && waiting.TryPeek(out Sequence? next) && promised + next.PagesNeeded <= pool.Available)
        {
            waiting.Dequeue();
            next.Begin(pool, states);
            if (model.EncoderDecoder is { } reader) Read(reader, next);
            if (next.Images.Count > 0) Look(next);
            promised += next.PagesToTake;
            running.Add(next);
        }
    }

    /// <summary>The encoder's part, once for each sequence: what the decoder needs of it stays in pages.</summary>
    private void Read(EncoderDecoder reader, Sequence sequence)
    {
        batch.Clear();
        sequence.AddSourceTo(batch, pool);
        reader.Read(pass, batch, pool.Memory);
        pass.Reset();
    }

    /// <summary>The images' part, once for each sequence: what stands in the place of their tokens stays in memory of the sequence.</summary>
    private void Look(Sequence sequence)
    {
        sequence.See(model.VisionLanguage!, model.VisionLanguage!.Features(pass, sequence.Images));
        pass.Reset();
    }

    /// <summary>Sequences that decode come first with one token each; prompts fill what is left of the batch.</summary>
    private void Pack()
    {
        batch.Clear();
        sampling.Clear();
        foreach (Sequence sequence in running)
            if (sequence.Pending == 1 && batch.Count < batchTokens) AddToBatch(sequence, 1);
        foreach (Sequence sequence in running)
            if (sequence.Pending > 1 && batch.Count < batchTokens) AddToBatch(sequence, batchTokens - batch.Count);
    }

    private void AddToBatch(Sequence sequence, int most)
    {
        if (sequence.AddTo(batch, pool, most)) sampling.Add(sequence);
    }

    private void Sample(Tensor logits)
    {
        int vocabulary = (int)logits.Shape.Columns;
        NativeSpan<float> rows = logits.Floats;
        for (int i = 0; i < sampling.Count; i++)
        {
            Sequence sequence = sampling[i];
            SampledToken sampled;
            try
            {
                sampled = sequence.Sampler.Sample(rows.AsSpan((long)i * vocabulary, vocabulary));
            }
            catch (CaravanException problem)
            {
                // A grammar that is too ambiguous is the trouble of one sequence only.
                sequence.Generation.Finish(FinishReason.Failed, problem);
                continue;
            }

            if (sampled.Fault == SamplingFault.None) sequence.Accept(sampled);
            else if (sampled.Fault == SamplingFault.GrammarEnded) sequence.Generation.Finish(FinishReason.Stop);
            else sequence.Generation.Finish(FinishReason.Failed, LogitFaults.Explain(model, sampled.Fault));
        }
    }

    private void RetireFinished()
    {
        for (int i = running.Count - 1; i >= 0; i--)
        {
            Sequence sequence = running[i];
            if (sequence.Generation.FinishReason != FinishReason.Failed) sequence.PublishFullPages(pool);
            if (sequence.Generation.FinishReason is null) continue;
            sequence.Release(pool, states);
            running.RemoveAt(i);
        }
    }
}
