namespace Caravan.Training;

/// <summary>
/// Packs samples into micro-batches in their order: sequences stand one after the other without padding and never see each other
/// (<see cref="Models.Batch"/>).
/// </summary>
internal sealed class Packer : IDisposable
{
    private readonly SampleStream samples;
    private readonly TrainingText text;
    private readonly PackerOptions options;
    private EncodedSample? pending;
    private DatasetCursor pendingAt;
    private int used;

    /// <summary>A packer at the beginning, or where a cursor was taken.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="text">How they become tokens.</param>
    /// <param name="options">How much goes into a micro-batch.</param>
    /// <param name="from">Where to go on.</param>
    public Packer(Dataset data, TrainingText text, PackerOptions options, PackerCursor? from = null)
    {
        (this.text, this.options) = (text, options);
        samples = data.Read(from?.Samples);
        pendingAt = samples.Cursor;
        used = from?.Used ?? 0;
        if (used > 0) pending = Draw();
    }

    /// <summary>Where the next batch begins.</summary>
    public PackerCursor Cursor => new(pendingAt, used);

    /// <summary>Which pass over the data the next batch begins in, from 0.</summary>
    public int Epoch => samples.Epoch;

    /// <summary>Fills a batch with the next samples; false when all epochs are over, or the next sample needs more than the room given.</summary>
    /// <param name="batch">What is filled.</param>
    /// <param name="most">Most samples.</param>
    /// <param name="room">Most tokens, where these are fewer than a batch may hold.</param>
    /// <exception cref="CaravanException">A sample is broken or does not fit into a batch.</exception>
    public bool Next(PackedBatch batch, int most = int.MaxValue, int room = int.MaxValue)
    {
        batch.Clear();
        while (batch.Samples.Count < Math.Min(most, options.Samples) && (pending ??= Draw()) is { } sample)
        {
            int count = Fitting(sample, Math.Min(options.Tokens, room) - batch.Tokens);
            if (count > 0) batch.Add(count == sample.Sequences.Count ? sample : sample with { Sequences = [.. sample.Sequences.Skip(used).Take(count)] });
            else if (batch.Samples.Count == 0 && room >= options.Tokens) throw TooLarge(sample);
            used += count;
            if (used < sample.Sequences.Count) break;
            (pending, pendingAt, used) = (null, samples.Cursor, 0);
        }

        return batch.Samples.Count > 0;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => samples.Dispose();

    /// <summary>How many of the sample's sequences that were not used yet fit: all or none of those that belong together.</summary>
    private int Fitting(EncodedSample sample, int room)
    {
        if (!sample.Divisible) return sample.Tokens <= room ? sample.Sequences.Count : 0;
        int count = 0;
        while (used + count < sample.Sequences.Count && (room -= sample.Sequences[used + count].Tokens.Length) >= 0) count++;
        return count;
    }

    /// <summary>The next sample that is not left out; null when all epochs are over.</summary>
    private EncodedSample? Draw()
    {
        while (samples.Next() is { } sample)
        {
            if (text.Encode(sample) is { } encoded) return encoded;
            pendingAt = samples.Cursor;
        }

        return null;
    }

    private CaravanException TooLarge(EncodedSample sample) => sample.Source.Origin.Problem(
        $"holds {sample.Source.Kind} of {(sample.Divisible ? sample.Sequences[used].Tokens.Length : sample.Tokens)} tokens, more than the {options.Tokens} of a batch; make batches larger or the context shorter.");
}
