using System.Collections.Concurrent;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>
/// Runs many sequences through one model. Each step lets in what fits, packs the next tokens of all running sequences into one batch, computes
/// it, samples, and hands out tokens. A sequence is let in when its prompt fits; when answers have grown until the pages are used up, the one
/// that ranks last gives its pages back and is computed again later. After warm-up a step of decoding allocates nothing.
/// </summary>
internal sealed class Scheduler(Model model, PagePool pool, StatePool states, Pass pass, EngineOptions options, EngineMetrics metrics)
{
    private readonly Decoder generator = model.Generator;
    private readonly ConcurrentQueue<Sequence> arriving = new();
    private readonly ConcurrentQueue<SideWork> beside = new();
    private readonly WaitingLine waiting = new();
    // By rank: those that give way first stand last.
    private readonly List<Sequence> running = [];
    private readonly List<Sequence> sampling = [];
    private readonly Batch batch = Reserved(options.BatchTokens, pool.Memory.Count);
    private long arrivals, generated, computedPrompt, reused, preemptions;
    private int lastBatch, open;

    /// <summary>How busy it is; may be asked from any thread.</summary>
    public EngineStatus Status
    {
        get
        {
            int runs = running.Count, waits = Math.Max(0, Volatile.Read(ref open) - runs) + beside.Count;
            return new(runs, waits, pool.Memory.Count - pool.Available, pool.Findable, pool.Memory.Count, lastBatch, generated, computedPrompt, reused, preemptions);
        }
    }

    /// <summary>Takes a request from any thread; the next step sees it.</summary>
    public void Enqueue(Sequence sequence)
    {
        Interlocked.Increment(ref open);
        arriving.Enqueue(sequence);
    }

    /// <summary>Takes something else to compute from any thread.</summary>
    public void Enqueue(SideWork work) => beside.Enqueue(work);

    /// <summary>One forward pass; false when there was nothing to do.</summary>
    public bool Step()
    {
        while (arriving.TryDequeue(out Sequence? sequence)) Receive(sequence);
        DropEnded();
        Admit();
        lastBatch = 0;
        bool workedBeside = beside.TryDequeue(out SideWork? work);
        work?.Run(pass);
        if (running.Count == 0) return workedBeside;
        Pack();
        Tensor? logits = generator.Forward(pass, batch, pool.Memory, states: states.Memory);
        if (logits is not null) Sample(logits);
        pass.Reset();
        RetireFinished();
        return true;
    }

    /// <summary>Ends everything that waits or runs, after a step that failed as a whole.</summary>
    public void FailAll(CaravanException failure)
    {
        pass.Reset();
        while (beside.TryDequeue(out SideWork? work)) work.Fail(failure);
        while (arriving.TryDequeue(out Sequence? sequence)) Receive(sequence);
        foreach (Sequence sequence in running) sequence.Generation.Finish(FinishReason.Failed, failure);
        for (int i = 0; i < waiting.Count; i++) waiting[i].Generation.Finish(FinishReason.Failed, failure);
        RetireFinished();
        DropEnded();
    }

    private static Batch Reserved(int rows, int pages)
    {
        Batch batch = new();
        batch.Reserve(rows, pages);
        return batch;
    }

    private void Receive(Sequence sequence)
    {
        sequence.Arrival = ++arrivals;
        waiting.Enter(sequence, sequence.Client);
    }

    /// <summary>Lets go of what was cancelled or took too long.</summary>
    private void DropEnded()
    {
        foreach (Sequence sequence in running) EndIfAsked(sequence.Generation);
        RetireFinished();
        for (int i = waiting.Count - 1; i >= 0; i--)
        {
            Sequence sequence = waiting[i];
            EndIfAsked(sequence.Generation);
            if (sequence.Generation.FinishReason is null) continue;
            waiting.Leave(sequence);
            Close(sequence);
        }
    }

    private static void EndIfAsked(Generation generation)
    {
        if (generation.IsCancelled) generation.Finish(FinishReason.Cancelled);
        else if (generation.IsOverdue) generation.Finish(FinishReason.TimedOut);
    }

    /// <summary>Lets sequences in while a slot and pages for all they have to read are there; whoever ranks lower by priority makes room.</summary>
    private void Admit()
    {
        while (waiting.Next is { } next)
        {
            if (IsBeingComputed(next)) return;
            while (!HasRoomFor(next) && running.Count > 0 && running[^1].Priority > next.Priority) Preempt(running[^1]);
            if (!HasRoomFor(next)) return;
            waiting.Leave(next);
            bool isNew = !next.HasRun;
            next.Begin(pool, states);
            if (isNew)
            {
                metrics.Admitted(next.Generation);
                reused += next.Generation.ReusedTokens;
            }

            if (model.EncoderDecoder is { } reader) Read(reader, next);
            if (next.Images.Count > 0 && !next.HasSeen) Look(next);
            int place = running.Count;
            while (place > 0 && next.RanksBefore(running[place - 1])) place--;
            running.Insert(place, next);
        }
    }

    /// <summary>Whether a beginning that it shares with one that runs is on its way: requests that come together compute it once.</summary>
    private bool IsBeingComputed(Sequence next)
    {
        foreach (Sequence sequence in running)
            if (next.CouldShareSoon(pool, sequence)) return true;
        return false;
    }

    /// <summary>Room for its own tokens and for those of all that run, with a page more for each that can still grow by one.</summary>
    private bool HasRoomFor(Sequence next)
    {
        if (states.Available == 0) return false;
        if (running.Count == 0) return true;
        int promised = next.PagesSoon - next.PagesShared(pool);
        foreach (Sequence sequence in running) promised += sequence.PagesSoon - sequence.PagesHeld;
        return promised <= pool.Available;
    }

    /// <summary>Takes a sequence's pages and slot; it goes back to those that wait.</summary>
    private void Preempt(Sequence sequence)
    {
        running.Remove(sequence);
        sequence.Release(pool, states);
        waiting.Return(sequence);
        preemptions++;
        metrics.Preempted();
    }

    /// <summary>The encoder's part, when a sequence is let in: what the decoder needs of it stays in pages.</summary>
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

    /// <summary>Sequences that decode come first with one token each; prompts fill what is left of the batch, less of it when others wait for their next token.</summary>
    private void Pack()
    {
        batch.Clear();
        sampling.Clear();
        for (int i = 0; i < running.Count; i++)
            if (running[i].Pending == 1 && batch.Count < options.BatchTokens && MakeRoom(running[i], 1)) AddToBatch(running[i], 1);
        int answers = batch.Count;
        int most = answers == 0 ? options.BatchTokens : Math.Min(options.BatchTokens, answers + options.PromptTokensBesideAnswers);
        for (int i = 0; i < running.Count && batch.Count < most; i++)
        {
            Sequence sequence = running[i];
            if (sequence.Pending <= 1) continue;
            int next = sequence.NextTokens(most - batch.Count);
            // Nobody in the batch gives way, so only the first of a batch may take pages from others.
            if (batch.Count == 0 ? MakeRoom(sequence, next) : sequence.PagesFor(next) <= pool.Available) AddToBatch(sequence, next);
        }

        metrics.Passed(batch.Count, batch.Sequences, batch.Count - answers);
        computedPrompt += batch.Count - answers;
        lastBatch = batch.Count;
    }

    /// <summary>Sends sequences that rank last away until the pages for so many tokens are there; false when that was its own turn to go.</summary>
    private bool MakeRoom(Sequence sequence, int tokens)
    {
        while (sequence.PagesFor(tokens) > pool.Available)
        {
            Sequence last = running[^1];
            Preempt(last);
            if (last == sequence) return false;
        }

        return true;
    }

    private void AddToBatch(Sequence sequence, int count)
    {
        sequence.Account.Served += count;
        if (sequence.AddTo(batch, pool, count)) sampling.Add(sequence);
    }

    private void Sample(Tensor logits)
    {
        long width = logits.Shape.Columns;
        NativeSpan<float> rows = logits.Floats;
        for (int i = 0; i < sampling.Count; i++)
        {
            Sequence sequence = sampling[i];
            SampledToken sampled;
            try
            {
                sampled = sequence.Sampler.Sample(rows.AsSpan(i * width, sequence.Sampler.VocabularySize));
            }
            catch (CaravanException problem)
            {
                // A grammar that is too ambiguous is the trouble of one sequence only.
                sequence.Generation.Finish(FinishReason.Failed, problem);
                continue;
            }

            if (sampled.Fault == SamplingFault.GrammarEnded) sequence.Generation.Finish(FinishReason.Stop);
            else if (sampled.Fault != SamplingFault.None) sequence.Generation.Finish(FinishReason.Failed, LogitFaults.Explain(model, sampled.Fault));
            else Accept(sequence, sampled);
        }
    }

    private void Accept(Sequence sequence, SampledToken sampled)
    {
        int before = sequence.Generation.Tokens.Count;
        sequence.Accept(sampled);
        if (sequence.Generation.Tokens.Count == before) return;
        generated++;
        metrics.Generated(sequence.Generation);
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
            Close(sequence);
        }
    }

    private void Close(Sequence sequence)
    {
        sequence.Dispose();
        waiting.Close(sequence, sequence.Client);
        metrics.Ended(sequence.Generation);
        Interlocked.Decrement(ref open);
        sequence.Generation.Announce();
    }
}
