using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Caravan.Training;

/// <summary>
/// The records of one mix, epoch by epoch. As many as fit into the allowed memory are read at a time, a block, and permuted; the permutation depends on the
/// seed, the epoch and the place of the block, so that any place is found again by skipping what is before.
/// </summary>
internal sealed class ShuffledRecords : IDisposable
{
    private readonly SampleFiles files;
    private readonly DatasetOptions options;
    private readonly ulong number;
    private readonly List<DataRecord> block = [];
    private IEnumerator<DataRecord> reader = Enumerable.Empty<DataRecord>().GetEnumerator();
    private bool ended;
    private int[] order = [];
    private int epoch, place;
    private long first;

    /// <summary>The records from a cursor on; from the beginning without.</summary>
    /// <param name="files">Where they are.</param>
    /// <param name="options">Their order.</param>
    /// <param name="number">Which mix this is, from 0.</param>
    /// <param name="from">Where to go on.</param>
    /// <exception cref="CaravanException">There are no records, or fewer than the cursor says.</exception>
    public ShuffledRecords(SampleFiles files, DatasetOptions options, int number, MixCursor? from)
    {
        (this.files, this.options, this.number) = (files, options, (ulong)number);
        if (from is not null) (epoch, first, place) = from;
        Open();
        for (long i = 0; i < first; i++)
            if (!reader.MoveNext()) throw Changed();
        if (!Fill() && first == 0) throw new CaravanException($"The {options.Part.ToString().ToLowerInvariant()} part of {Name} holds no records; change the share that is held out.");
        if (place > block.Count) throw Changed();
    }

    /// <summary>Where the next record stands.</summary>
    public MixCursor Cursor => new(epoch, first, place);

    private string Name => $"'{files.Files[0].Path}'{(files.Files.Count > 1 ? $" and {files.Files.Count - 1} more" : "")}";

    /// <summary>The next record; null when all epochs are over.</summary>
    public DataRecord? Next()
    {
        while (options.Epochs is not { } epochs || epoch < epochs)
        {
            if (place < block.Count) return block[order[place++]];
            NextBlock();
        }

        return null;
    }

    /// <summary>Closes the file that is being read.</summary>
    public void Dispose() => reader.Dispose();

    private void NextBlock()
    {
        bool isWhole = first == 0 && ended;
        first += block.Count;
        place = 0;
        if (Fill()) return;
        (first, epoch) = (0, epoch + 1);
        if (isWhole)
        {
            Permute();
            return;
        }

        Open();
        Fill();
    }

    private void Open()
    {
        reader.Dispose();
        reader = files.Records().Where(Belongs).GetEnumerator();
        ended = false;
    }

    /// <summary>Reads the next block; false at the end of the epoch.</summary>
    private bool Fill()
    {
        if (ended) return false;
        block.Clear();
        for (long bytes = 0; bytes < options.ShuffleBytes; bytes += block[^1].Json.Length)
        {
            ended = !reader.MoveNext();
            if (ended) break;
            block.Add(reader.Current);
        }

        Permute();
        return block.Count > 0;
    }

    private void Permute() => order = options.Shuffle
        ? Seeds.Permutation(block.Count, Seeds.Of(options.Seed, number, (ulong)epoch, (ulong)first))
        : [.. Enumerable.Range(0, block.Count)];

    private bool Belongs(DataRecord record)
    {
        if (options.EvaluationFraction == 0) return options.Part == DataPart.Training;
        double share = (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(record.Json.Span)) >> 11) * (1.0 / (1UL << 53));
        return share < options.EvaluationFraction == (options.Part == DataPart.Evaluation);
    }

    private CaravanException Changed() => new($"{Name} holds fewer records than when the run that is resumed read it; give it back what it held.");
}
