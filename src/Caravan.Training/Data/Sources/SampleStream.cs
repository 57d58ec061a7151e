namespace Caravan.Training;

/// <summary>Draws samples of a <see cref="Dataset"/>.</summary>
internal sealed class SampleStream : IDisposable
{
    private readonly SampleFiles[] files;
    private readonly ShuffledRecords[] sources;
    private readonly DatasetOptions options;
    private readonly double weights;
    private long drawn;

    internal SampleStream(SampleFiles[] files, ShuffledRecords[] sources, DatasetOptions options, long drawn)
    {
        (this.files, this.sources, this.options, this.drawn) = (files, sources, options, drawn);
        weights = options.Mixes.Sum(mix => mix.Weight);
    }

    /// <summary>Where the next sample stands.</summary>
    public DatasetCursor Cursor => new(drawn, [.. sources.Select(source => source.Cursor)]);

    /// <summary>Which pass over the first mix the next sample belongs to, from 0.</summary>
    public int Epoch => sources[0].Cursor.Epoch;

    /// <summary>The next sample; null when all epochs are over.</summary>
    /// <exception cref="CaravanException">Its record is broken, or lacks what its format needs.</exception>
    public Sample? Next()
    {
        int mix = Choice();
        if (sources[mix].Next() is not { } record) return null;
        drawn++;
        return files[mix].Read(record);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (ShuffledRecords source in sources) source.Dispose();
    }

    /// <summary>From which mix the next sample comes: a function of the seed and the number of samples before it.</summary>
    private int Choice()
    {
        if (sources.Length == 1) return 0;
        double place = Seeds.Of(options.Seed, (ulong)drawn).NextDouble() * weights;
        for (int mix = 0; mix < sources.Length - 1; mix++)
        {
            place -= options.Mixes[mix].Weight;
            if (place < 0) return mix;
        }

        return sources.Length - 1;
    }
}
