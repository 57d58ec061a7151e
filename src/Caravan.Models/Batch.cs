using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// The tokens of one forward pass: pieces of one or many sequences, one after the other without padding. Prefill, decoding, training and
/// evaluation all use it; a batch is filled, run, cleared and filled again without allocating.
/// </summary>
internal sealed partial class Batch
{
    private readonly List<int> tokens = [];
    private readonly List<int> positions = [];
    private readonly List<int> logitRows = [];
    private readonly List<int> pageTable = [];
    private readonly List<int> rowPages = [];
    private readonly List<AttentionSegment> segments = [];
    private readonly List<int> lengths = [];
    private readonly List<SequencePrefix?> prefixes = [];
    private readonly List<SequenceParts?> parts = [];
    private readonly List<int> tokenTypes = [];
    private readonly List<int> numbers = [];
    private readonly List<AttentionSegment> encodedSegments = [];
    private readonly List<PlacedFeatures> placed = [];
    private readonly List<SequenceRows> runs = [];
    private readonly List<int> adapters = [];
    private readonly List<int> labels = [];

    /// <summary>Token ids, row by row.</summary>
    public ReadOnlySpan<int> Tokens => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens);

    /// <summary>Number of rows.</summary>
    public int Count => tokens.Count;

    /// <summary>Number of sequences.</summary>
    public int Sequences => segments.Count;

    /// <summary>The rows whose logits are computed, ascending.</summary>
    public ReadOnlySpan<int> LogitRows => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(logitRows);

    /// <summary>The labels of these rows, where all sequences were added to be scored (<see cref="AddScored"/>).</summary>
    public ReadOnlySpan<int> Labels => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(labels);

    /// <summary>Each row's position in its sequence.</summary>
    internal ReadOnlySpan<int> Positions => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(positions);

    /// <summary>Each sequence's rows, keys and pages.</summary>
    internal ReadOnlySpan<AttentionSegment> Segments => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(segments);

    /// <summary>Pages of all sequences, one after the other; empty without a cache.</summary>
    internal ReadOnlySpan<int> PageTable => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pageTable);

    /// <summary>The page each row is stored in; empty without a cache.</summary>
    internal ReadOnlySpan<int> RowPages => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rowPages);

    /// <summary>Each sequence's rows and the slot of its state.</summary>
    internal ReadOnlySpan<SequenceRows> Runs => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs);

    /// <summary>For each sequence the length that length-dependent rotary scalings are told.</summary>
    internal ReadOnlySpan<int> Lengths => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(lengths);

    /// <summary>For each sequence its prefix; known after <see cref="FindPrefixes"/>.</summary>
    internal ReadOnlySpan<SequencePrefix?> Prefixes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(prefixes);

    /// <summary>Finds the prefixes of the sequences for which none was given: of those that begin in this batch.</summary>
    internal void FindPrefixes(PrefixSpec? spec)
    {
        for (int i = 0; i < prefixes.Count; i++)
        {
            SequencePrefix prefix = prefixes[i] ?? spec?.Of(Tokens.Slice(segments[i].QueryStart, segments[i].QueryCount)) ?? default;
            prefixes[i] = prefix;
            segments[i] = segments[i] with { Prefix = prefix.Length };
        }
    }

    /// <summary>For each sequence the parts it is made of; null for one.</summary>
    internal ReadOnlySpan<SequenceParts?> Parts => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts);

    /// <summary>Whether any sequence is made of parts.</summary>
    internal bool HasParts { get; private set; }

    /// <summary>How many tokens of their own its sequences have, all together.</summary>
    internal int OwnTokens { get; private set; }

    /// <summary>Each row's number among the tokens of its kind; empty where no sequence is made of parts.</summary>
    internal ReadOnlySpan<int> Numbers => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(numbers);

    /// <summary>Each row's kind of token where a model tells them apart; empty when all are of the first.</summary>
    internal ReadOnlySpan<int> TokenTypes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokenTypes);

    /// <summary>For each sequence the rows or pages of its encoder; empty without.</summary>
    internal ReadOnlySpan<AttentionSegment> EncodedSegments => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(encodedSegments);

    /// <summary>Features that take the place of token embeddings.</summary>
    internal IReadOnlyList<PlacedFeatures> Placed => placed;

    /// <summary>The adapter of the sequences that are added from now on, by its slot; −1 for none.</summary>
    public int Adapter { get; set; } = -1;

    /// <summary>For each sequence the slot of its adapter; −1 for none.</summary>
    internal ReadOnlySpan<int> Adapters => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(adapters);

    /// <summary>Makes room, so that filling the batch up to these sizes allocates nothing.</summary>
    /// <param name="rows">Tokens in one pass.</param>
    /// <param name="pages">Pages of all its sequences together.</param>
    public void Reserve(int rows, int pages)
    {
        foreach (List<int> list in (ReadOnlySpan<List<int>>)[tokens, positions, logitRows, rowPages, lengths]) list.EnsureCapacity(rows);
        segments.EnsureCapacity(rows);
        prefixes.EnsureCapacity(rows);
        parts.EnsureCapacity(rows);
        encodedSegments.EnsureCapacity(rows);
        runs.EnsureCapacity(rows);
        adapters.EnsureCapacity(rows);
        pageTable.EnsureCapacity(pages);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        tokens.Clear();
        positions.Clear();
        logitRows.Clear();
        pageTable.Clear();
        rowPages.Clear();
        segments.Clear();
        runs.Clear();
        adapters.Clear();
        labels.Clear();
        (Noise, HasVirtualTokens) = (null, false);
        lengths.Clear();
        prefixes.Clear();
        parts.Clear();
        numbers.Clear();
        (HasParts, OwnTokens) = (false, 0);
        tokenTypes.Clear();
        encodedSegments.Clear();
        placed.Clear();
    }

    /// <summary>Says of which kind the tokens of the sequence added last are, from 0.</summary>
    public void SetTokenTypes(ReadOnlySpan<int> types)
    {
        while (tokenTypes.Count < Count - types.Length) tokenTypes.Add(0);
        tokenTypes.AddRange(types);
    }

    /// <summary>Lets each sequence attend to the rows of an encoder that ran over the sequence of the same number in another batch.</summary>
    public void AttendTo(Batch source)
    {
        for (int i = 0; i < Sequences; i++)
            encodedSegments.Add(new AttentionSegment(segments[i].QueryStart, segments[i].QueryCount, source.segments[i].KeyCount, source.segments[i].KeyStart));
    }

    /// <summary>Lets the sequence added last attend to what pages keep of an encoder's rows.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="count">Rows in them.</param>
    public void AttendTo(ReadOnlySpan<int> pages, int count)
    {
        encodedSegments.Add(new AttentionSegment(segments[^1].QueryStart, segments[^1].QueryCount, count, PageStart: pageTable.Count));
        pageTable.AddRange(pages);
    }

    /// <summary>Puts rows of features in the place of token embeddings.</summary>
    public void Place(PlacedFeatures features) => placed.Add(features);

    /// <summary>Adds a whole sequence that sees only itself, without a cache: training and evaluation.</summary>
    /// <param name="sequence">Its tokens, from position 0.</param>
    /// <param name="logits">Which of its rows get logits.</param>
    public void AddSequence(ReadOnlySpan<int> sequence, LogitRows logits = Models.LogitRows.All) => AddSequence(sequence, FirstLogitRow(sequence, logits));

    /// <summary>Adds a whole sequence whose rows are scored by labels: those with a label get logits.</summary>
    /// <param name="sequence">Its tokens, from position 0.</param>
    /// <param name="labels">For each row the token that should come next, or a negative number where nothing is expected.</param>
    public void AddScored(ReadOnlySpan<int> sequence, ReadOnlySpan<int> labels)
    {
        int start = Count;
        AddSequence(sequence, Models.LogitRows.None);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0) continue;
            logitRows.Add(start + i);
            this.labels.Add(labels[i]);
        }
    }

    /// <summary>The same with logits for the rows from <paramref name="firstLogitRow"/> on, and of given parts.</summary>
    public void AddSequence(ReadOnlySpan<int> sequence, int firstLogitRow, SequenceParts? madeOf = null)
    {
        segments.Add(new AttentionSegment(Count, sequence.Length, sequence.Length, KeyStart: Count));
        runs.Add(new SequenceRows(Count, sequence.Length));
        lengths.Add(sequence.Length);
        prefixes.Add(madeOf?.Prefix);
        AddRows(sequence, 0, firstLogitRow, madeOf);
    }

    /// <summary>Adds the next tokens of a sequence whose keys and values are kept in pages.</summary>
    /// <param name="next">The tokens, at least one.</param>
    /// <param name="start">Position of the first: how many tokens the pages hold already.</param>
    /// <param name="pages">The sequence's pages, enough for all tokens so far and these.</param>
    /// <param name="logits">Which of these rows get logits.</param>
    /// <param name="length">
    /// Length of the sequence as far as it is known, for length-dependent rotary scalings: a prompt's whole length while it is prefilled in
    /// chunks, so that chunks change nothing.
    /// </param>
    /// <param name="prefix">The sequence's prefix, all of whose tokens come in its first chunk; null to look for it in these tokens.</param>
    /// <param name="slot">Where the states of recurrent layers are kept; −1 for a model without.</param>
    /// <param name="madeOf">The sequence's parts; null for one.</param>
    public void AddCached(
        ReadOnlySpan<int> next, int start, ReadOnlySpan<int> pages, LogitRows logits, int length, SequencePrefix? prefix = null, int slot = -1, SequenceParts? madeOf = null)
    {
        runs.Add(new SequenceRows(Count, next.Length, slot, Begins: start == 0));
        segments.Add(new AttentionSegment(Count, next.Length, start + next.Length, KeyStart: Count, PageStart: pageTable.Count));
        lengths.Add(Math.Max(length, start + next.Length));
        prefixes.Add(prefix);
        foreach (int page in pages) pageTable.Add(page);
        for (int i = 0; i < next.Length; i++) rowPages.Add(pages[(start + i) / KernelSet.PageTokens]);
        AddRows(next, start, FirstLogitRow(next, logits), madeOf);
    }

    private static int FirstLogitRow(ReadOnlySpan<int> rows, LogitRows logits) => logits switch
    {
        Models.LogitRows.All => 0,
        Models.LogitRows.Last => rows.Length - 1,
        _ => rows.Length,
    };

    private void AddRows(ReadOnlySpan<int> next, int start, int firstLogitRow, SequenceParts? madeOf)
    {
        parts.Add(madeOf);
        adapters.Add(Adapter);
        HasParts |= madeOf is not null;
        OwnTokens += madeOf?.OwnTokens ?? 0;
        while (HasParts && numbers.Count < Count) numbers.Add(0);
        for (int i = 0; i < next.Length; i++)
        {
            if (i >= firstLogitRow) logitRows.Add(Count);
            (int token, int number) = madeOf?.Resolve(next[i]) ?? (next[i], 0);
            tokens.Add(token);
            HasVirtualTokens |= VirtualTokens.Is(token);
            if (HasParts) numbers.Add(number);
            positions.Add(start + i);
        }
    }
}
