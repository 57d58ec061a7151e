using System.Runtime.InteropServices;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>A request inside the scheduler: its tokens, its pages, and how far it has come.</summary>
internal sealed class Sequence : IDisposable
{
    private readonly GenerationRequest request;
    private readonly TokenReceiver? receiver;
    private readonly List<int> tokens;
    private readonly List<int> pages = [];
    private readonly int[] source = [];
    private readonly List<int> sourcePages = [];
    private readonly bool sharesPages;
    private readonly SequencePrefix? prefix;
    private readonly SequenceParts? parts;
    private readonly long root;
    private readonly int virtualTokens;
    private VisionLanguage? seeing;
    private Tensor? features;
    private int published;
    private long lastSerial;
    private int slot = -1;

    /// <summary>A prompt that is continued, of which a beginning may be seen as a whole.</summary>
    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, AdapterTable adapters, SequencePrefix? prefix, bool sharesPages)
        : this(request, receiver, sampler, limit, adapters, request.Prompt, sharesPages) => this.prefix = prefix?.Behind(virtualTokens);

    /// <summary>A prompt that is an object of texts, of which all but the answers is seen as a whole.</summary>
    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, AdapterTable adapters, SequenceParts parts)
        : this(request, receiver, sampler, limit, adapters, parts.Tokens, sharesPages: false, parts) => prefix = parts.Prefix;

    /// <summary>A prompt that an encoder reads, and an answer that begins with given tokens. What they leave in pages depends on the prompt, and is not shared.</summary>
    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, AdapterTable adapters, int[] beginning)
        : this(request, receiver, sampler, limit, adapters, beginning, sharesPages: false)
    {
        source = [.. request.Prompt];
        sourcePages.Capacity = PagesOf(source.Length);
    }

    private Sequence(
        GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, AdapterTable adapters, IReadOnlyList<int> beginning, bool sharesPages,
        SequenceParts? parts = null)
    {
        this.request = request;
        this.receiver = receiver;
        this.sharesPages = sharesPages;
        this.parts = parts;
        Sampler = sampler;
        root = PagePool.RootOf(adapters.SerialOf(request.Adapter));
        int[] before = [.. adapters.VirtualTokensOf(request.Adapter)];
        virtualTokens = before.Length;
        Limit = (int)Math.Min(limit, (long)before.Length + beginning.Count + request.MaxTokens);
        tokens = new List<int>(Limit + 1);
        tokens.AddRange(before);
        tokens.AddRange(beginning);
        Generation = new Generation(request.Prompt.Count, Limit - tokens.Count, request.Timeout) { Parts = parts };
        sampler.AcceptPrompt(CollectionsMarshal.AsSpan(tokens)[before.Length..]);
        pages.Capacity = PagesOf(Math.Max(1, Limit - 1));
    }

    /// <summary>What the caller sees of it.</summary>
    public Generation Generation { get; }

    public Sampler Sampler { get; }

    /// <summary>Who is served first: lower numbers.</summary>
    public int Priority => request.Priority;

    /// <summary>Who asks.</summary>
    public string Client => request.Client;

    /// <summary>What the client was given so far.</summary>
    public ClientAccount Account { get; set; } = new();

    /// <summary>How many requests came before it.</summary>
    public long Arrival { get; set; }

    /// <summary>Whether it has been let in before.</summary>
    public bool HasRun { get; private set; }

    /// <summary>Whether its images have been looked at.</summary>
    public bool HasSeen => features is not null;

    /// <summary>Images as their tower takes them; empty for none.</summary>
    public IReadOnlyList<float[]> Images { get; init; } = [];

    /// <summary>Tokens it may have, virtual ones and the prompt included, or the tokens that an answer begins with.</summary>
    public int Limit { get; }

    /// <summary>Tokens whose keys and values are in pages.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens known but not computed: the rest of the prompt, then one at a time.</summary>
    public int Pending => tokens.Count - Computed;

    /// <summary>Pages for the tokens it has and a page of those to come, those of an encoder's text included. The last token it may have is never computed.</summary>
    public int PagesSoon => PagesOf(Math.Min(tokens.Count + KeyValuePages.PageTokens, Math.Max(tokens.Count, Limit - 1))) + PagesOf(source.Length);

    /// <summary>Pages it has.</summary>
    public int PagesHeld => pages.Count + sourcePages.Count;

    /// <summary>Pages that a number of tokens takes.</summary>
    public static int PagesOf(int tokens) => (tokens + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens;

    /// <summary>Pages it has yet to take from the pool for its next tokens.</summary>
    public int PagesFor(int next) => PagesOf(Computed + next) - pages.Count;

    /// <summary>Pages with its beginning that others hold just now.</summary>
    public int PagesShared(PagePool pool)
    {
        if (!sharesPages) return 0;
        pool.CountPrefix(root, CollectionsMarshal.AsSpan(tokens), out int held);
        return held;
    }

    /// <summary>Whether another is just computing pages that this one could share: it is worth waiting for them.</summary>
    public bool CouldShareSoon(PagePool pool, Sequence other)
    {
        if (!sharesPages || !other.sharesPages || other.root != root || other.Pending <= 1) return false;
        ReadOnlySpan<int> own = CollectionsMarshal.AsSpan(tokens);
        int common = own[..^1].CommonPrefixLength(CollectionsMarshal.AsSpan(other.tokens)) / KeyValuePages.PageTokens;
        return common * KeyValuePages.PageTokens > other.Computed && common > pool.CountPrefix(root, own, out _);
    }

    /// <summary>How many of its tokens are computed next when there is room for <paramref name="most"/>; a prefix is not cut.</summary>
    public int NextTokens(int most) => Math.Min(Pending, Computed == 0 ? Math.Max(most, prefix?.Length ?? 0) : most);

    /// <summary>Whether it gives way later than another.</summary>
    public bool RanksBefore(Sequence other) => Priority != other.Priority ? Priority < other.Priority : Arrival < other.Arrival;

    /// <summary>Puts what the encoder is to read into a batch, with pages for what the decoder needs of it.</summary>
    public void AddSourceTo(Batch batch, PagePool pool)
    {
        for (int page = PagesOf(source.Length); page > 0; page--) sourcePages.Add(pool.Take());
        batch.Adapter = request.Adapter;
        batch.AddCached(source, 0, CollectionsMarshal.AsSpan(sourcePages), LogitRows.None, source.Length);
    }

    /// <summary>Keeps a copy of what stands in the place of its image tokens.</summary>
    public void See(VisionLanguage model, Tensor seen)
    {
        seeing = model;
        features = Tensor.Allocate(seen.Shape);
        seen.Bytes.CopyTo(features.Bytes);
    }

    /// <summary>Takes a slot, and pages that already hold the beginning of its tokens.</summary>
    public void Begin(PagePool pool, StatePool states)
    {
        Generation.BeginPrefill();
        slot = states.Take();
        lastSerial = root;
        if (sharesPages)
        {
            lastSerial = pool.FindPrefix(root, CollectionsMarshal.AsSpan(tokens), pages);
            published = pages.Count;
            Computed = pages.Count * KeyValuePages.PageTokens;
            if (!HasRun) Generation.ReusedTokens = Math.Max(0, Computed - virtualTokens);
        }

        HasRun = true;
    }

    /// <summary>Puts its next tokens into the batch, as many as <see cref="NextTokens"/> said; returns whether their last row gets logits.</summary>
    public bool AddTo(Batch batch, PagePool pool, int count)
    {
        while (pages.Count * KeyValuePages.PageTokens < Computed + count) pages.Add(pool.Take());
        bool complete = count == Pending;
        ReadOnlySpan<int> next = CollectionsMarshal.AsSpan(tokens).Slice(Computed, count);
        batch.Adapter = request.Adapter;
        batch.AddCached(next, Computed, CollectionsMarshal.AsSpan(pages), complete ? LogitRows.Last : LogitRows.None, tokens.Count, prefix, slot, parts);
        if (features is not null && Computed < virtualTokens + request.Prompt.Count) seeing!.Place(batch, CollectionsMarshal.AsSpan(tokens), Computed, count, features);
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
        int next = sampled.Id;
        if (request.StopTokens.Contains(sampled.Id))
        {
            // Where more answers are wanted, the model sees what begins the next one instead of what ended this one.
            if (parts?.BeginAnswer(tokens.Count) is not { } begin)
            {
                Generation.Finish(FinishReason.Stop);
                return;
            }

            next = begin;
        }

        Sampler.Accept(sampled.Id);
        tokens.Add(next);
        Generation.Add(sampled.Id);
        GeneratedToken token = new(sampled.Id, sampled.LogProbability, Generation.Tokens.Count - 1);
        if (receiver is not null && !receiver(token, Sampler.TopLogProbabilities)) Generation.Finish(FinishReason.Stop);
        else if (Sampler.MustEnd) Generation.Finish(FinishReason.Stop);
        else if (tokens.Count >= Limit) Generation.Finish(FinishReason.Length);
    }

    /// <summary>Gives its pages and its slot back; whatever it still lacks is computed from the first token on.</summary>
    public void Release(PagePool pool, StatePool states)
    {
        states.Release(slot);
        slot = -1;
        Computed = published = 0;
        foreach (int page in pages) pool.Release(page);
        foreach (int page in sourcePages) pool.Release(page);
        pages.Clear();
        sourcePages.Clear();
    }

    /// <summary>Frees what its images left.</summary>
    public void Dispose()
    {
        features?.Dispose();
        features = null;
    }
}
