using System.Runtime.InteropServices;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>A request inside the scheduler: its tokens, its pages, and how far it has come.</summary>
internal sealed class Sequence
{
    private readonly GenerationRequest request;
    private readonly TokenReceiver? receiver;
    private readonly List<int> tokens;
    private readonly List<int> pages = [];
    private readonly int[] source = [];
    private readonly List<int> sourcePages = [];
    private readonly bool sharesPages;
    private readonly SequencePrefix? prefix;
    private VisionLanguage? seeing;
    private Tensor? features;
    private int published;
    private long lastSerial;
    private int slot = -1;

    /// <summary>A prompt that is continued, of which a beginning may be seen as a whole.</summary>
    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, SequencePrefix? prefix, bool sharesPages)
        : this(request, receiver, sampler, limit, request.Prompt, sharesPages) => this.prefix = prefix;

    /// <summary>A prompt that an encoder reads, and an answer that begins with given tokens. What they leave in pages depends on the prompt, and is not shared.</summary>
    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, int[] beginning)
        : this(request, receiver, sampler, limit, beginning, sharesPages: false)
    {
        source = [.. request.Prompt];
        sourcePages.Capacity = PagesFor(source.Length);
    }

    private Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, IReadOnlyList<int> beginning, bool sharesPages)
    {
        this.request = request;
        this.receiver = receiver;
        this.sharesPages = sharesPages;
        Sampler = sampler;
        Limit = Math.Min(limit, beginning.Count + request.MaxTokens);
        tokens = new List<int>(Limit + 1);
        tokens.AddRange(beginning);
        Generation = new Generation(request.Prompt.Count, Limit - beginning.Count);
        sampler.AcceptPrompt(CollectionsMarshal.AsSpan(tokens));
        pages.Capacity = PagesFor(Math.Max(1, Limit - 1));
    }

    /// <summary>What the caller sees of it.</summary>
    public Generation Generation { get; }

    public Sampler Sampler { get; }

    /// <summary>Images as their tower takes them; empty for none.</summary>
    public IReadOnlyList<float[]> Images { get; init; } = [];

    /// <summary>Tokens it may have, prompt included, or the tokens that an answer begins with.</summary>
    public int Limit { get; }

    /// <summary>Tokens whose keys and values are in pages.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens known but not computed: the rest of the prompt, then one at a time.</summary>
    public int Pending => tokens.Count - Computed;

    /// <summary>Pages it can come to need. The last token is never computed.</summary>
    public int PagesNeeded => PagesFor(Math.Max(1, Limit - 1)) + PagesFor(source.Length);

    /// <summary>Pages it has yet to take from the pool.</summary>
    public int PagesToTake => PagesNeeded - pages.Count - sourcePages.Count;

    /// <summary>Pages that a number of tokens takes.</summary>
    public static int PagesFor(int tokens) => (tokens + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens;

    /// <summary>Puts what the encoder is to read into a batch, with pages for what the decoder needs of it.</summary>
    public void AddSourceTo(Batch batch, PagePool pool)
    {
        for (int page = PagesFor(source.Length); page > 0; page--) sourcePages.Add(pool.Take());
        batch.AddCached(source, 0, CollectionsMarshal.AsSpan(sourcePages), LogitRows.None, source.Length);
    }

    /// <summary>Keeps a copy of what stands in the place of its image tokens.</summary>
    public void See(VisionLanguage model, Tensor seen)
    {
        seeing = model;
        features = Tensor.Allocate(seen.Shape);
        seen.Bytes.CopyTo(features.Bytes);
    }

    /// <summary>Takes a slot, and pages that already hold the beginning of the prompt.</summary>
    public void Begin(PagePool pool, StatePool states)
    {
        Generation.BeginPrefill();
        slot = states.Take();
        if (!sharesPages) return;
        lastSerial = pool.FindPrefix(CollectionsMarshal.AsSpan(tokens), pages);
        published = pages.Count;
        Computed = Generation.ReusedTokens = pages.Count * KeyValuePages.PageTokens;
    }

    /// <summary>Puts its next tokens, at most <paramref name="most"/> (or its prefix, which is not cut), into the batch; returns whether their last row gets logits.</summary>
    public bool AddTo(Batch batch, PagePool pool, int most)
    {
        int count = Math.Min(Pending, Computed == 0 ? Math.Max(most, prefix?.Length ?? 0) : most);
        while (pages.Count * KeyValuePages.PageTokens < Computed + count) pages.Add(pool.Take());
        bool complete = count == Pending;
        ReadOnlySpan<int> next = CollectionsMarshal.AsSpan(tokens).Slice(Computed, count);
        batch.AddCached(next, Computed, CollectionsMarshal.AsSpan(pages), complete ? LogitRows.Last : LogitRows.None, tokens.Count, prefix, slot);
        if (features is not null && Computed < request.Prompt.Count) seeing!.Place(batch, CollectionsMarshal.AsSpan(tokens), Computed, count, features);
        if (source.Length > 0) batch.AttendTo(CollectionsMarshal.AsSpan(sourcePages), source.Length);
        Computed += count;
        return complete;
    }

    /// <summary>Makes pages that have become full findable for others.</summary>
    public void PublishFullPages(PagePool pool)
    {
        if (!sharesPages) return;
        for (; (published + 1) * KeyValuePages.PageTokens <= Computed; published++)
        {
            ReadOnlySpan<int> content = CollectionsMarshal.AsSpan(tokens).Slice(published * KeyValuePages.PageTokens, KeyValuePages.PageTokens);
            lastSerial = pool.Publish(pages[published], lastSerial, content);
        }
    }

    /// <summary>Takes the sampled token; finishes the generation when it was the last.</summary>
    public void Accept(SampledToken sampled)
    {
        if (request.StopTokens.Contains(sampled.Id))
        {
            Generation.Finish(FinishReason.Stop);
            return;
        }

        Sampler.Accept(sampled.Id);
        tokens.Add(sampled.Id);
        Generation.Add(sampled.Id);
        GeneratedToken token = new(sampled.Id, sampled.LogProbability, Generation.Tokens.Count - 1);
        if (receiver is not null && !receiver(token, Sampler.TopLogProbabilities)) Generation.Finish(FinishReason.Stop);
        else if (Sampler.MustEnd) Generation.Finish(FinishReason.Stop);
        else if (tokens.Count >= Limit) Generation.Finish(FinishReason.Length);
    }

    /// <summary>Gives its pages and its slot back.</summary>
    public void Release(PagePool pool, StatePool states)
    {
        states.Release(slot);
        slot = -1;
        foreach (int page in pages) pool.Release(page);
        foreach (int page in sourcePages) pool.Release(page);
        pages.Clear();
        sourcePages.Clear();
        features?.Dispose();
        features = null;
    }
}
