using System.Runtime.InteropServices;
using Caravan.Models;

namespace Caravan.Inference;

/// <summary>A request inside the scheduler: its tokens, its pages, and how far it has come.</summary>
internal sealed class Sequence
{
    private readonly GenerationRequest request;
    private readonly TokenReceiver? receiver;
    private readonly List<int> tokens;
    private readonly List<int> pages = [];
    private readonly bool sharesPages;
    private int published;
    private long lastSerial;
    private int slot = -1;

    public Sequence(GenerationRequest request, TokenReceiver? receiver, Sampler sampler, int limit, bool sharesPages)
    {
        this.request = request;
        this.receiver = receiver;
        this.sharesPages = sharesPages;
        Sampler = sampler;
        Limit = Math.Min(limit, request.Prompt.Count + request.MaxTokens);
        tokens = new List<int>(Limit + 1);
        tokens.AddRange(request.Prompt);
        Generation = new Generation(request.Prompt.Count, Limit - request.Prompt.Count);
        sampler.AcceptPrompt(CollectionsMarshal.AsSpan(tokens));
        pages.Capacity = PagesNeeded;
    }

    /// <summary>What the caller sees of it.</summary>
    public Generation Generation { get; }

    public Sampler Sampler { get; }

    /// <summary>Tokens it may have, prompt included.</summary>
    public int Limit { get; }

    /// <summary>Tokens whose keys and values are in pages.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens known but not computed: the rest of the prompt, then one at a time.</summary>
    public int Pending => tokens.Count - Computed;

    /// <summary>Pages it can come to need. The last token is never computed.</summary>
    public int PagesNeeded => (Math.Max(1, Limit - 1) + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens;

    /// <summary>Pages it has yet to take from the pool.</summary>
    public int PagesToTake => PagesNeeded - pages.Count;

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

    /// <summary>Puts its next tokens, at most <paramref name="most"/>, into the batch; returns whether their last row gets logits.</summary>
    public bool AddTo(Batch batch, PagePool pool, int most)
    {
        int count = Math.Min(Pending, most);
        while (pages.Count * KeyValuePages.PageTokens < Computed + count) pages.Add(pool.Take());
        bool complete = count == Pending;
        ReadOnlySpan<int> next = CollectionsMarshal.AsSpan(tokens).Slice(Computed, count);
        batch.AddCached(next, Computed, CollectionsMarshal.AsSpan(pages), complete ? LogitRows.Last : LogitRows.None, tokens.Count, slot);
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
        else if (tokens.Count >= Limit) Generation.Finish(FinishReason.Length);
    }

    /// <summary>Gives its pages and its slot back.</summary>
    public void Release(PagePool pool, StatePool states)
    {
        states.Release(slot);
        slot = -1;
        foreach (int page in pages) pool.Release(page);
        pages.Clear();
    }
}
