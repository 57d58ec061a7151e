namespace Caravan.Kernels;

internal sealed unsafe partial class KernelSet<TLanes>
{
    /// <summary>Channels that a thread takes at once: whole registers of every width.</summary>
    private const long ChannelsPerItem = 32;

    /// <summary>A recurrence along the rows of a sequence in which channels do not meet, written once over the width.</summary>
    private interface IChannelScan
    {
        /// <summary>Runs through one sequence.</summary>
        /// <param name="rows">The sequence.</param>
        /// <param name="channel">The first of as many channels as a register holds.</param>
        /// <param name="scratch">Memory of this thread.</param>
        void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>;
    }

    /// <summary>Runs through all sequences, which threads share out with the channels.</summary>
    /// <param name="sequences">The sequences of the batch.</param>
    /// <param name="channels">Width of a row.</param>
    /// <param name="cost">Elements of work for each element of a row, so that little work is not shared.</param>
    /// <param name="scan">What to do.</param>
    /// <param name="scratch">Floats that one register's run needs.</param>
    private void Scan<TScan>(NativeSpan<SequenceRows> sequences, long channels, long cost, TScan scan, long scratch = 0)
        where TScan : unmanaged, IChannelScan
    {
        ScanJob<TScan> job = new() { Scan = scan, Sequences = sequences.Pointer, Count = sequences.Length, Channels = channels };
        long rows = 0;
        foreach (SequenceRows sequence in sequences.AsSpan()) rows += sequence.Count;
        long rowsOfItem = Math.Max(1, rows / Math.Max(1, sequences.Length));
        Workers.For(sequences.Length * job.Blocks, RowGrain(rowsOfItem * ChannelsPerItem * cost), job, scratch * TLanes.Count);
    }

    /// <summary>The same where results of several sequences are added to one place: threads share out the channels alone.</summary>
    private void ScanBackward<TScan>(NativeSpan<SequenceRows> sequences, long channels, TScan scan, long scratch = 0)
        where TScan : unmanaged, IChannelScan
    {
        ScanJob<TScan> job = new() { Scan = scan, Sequences = sequences.Pointer, Count = sequences.Length, Channels = channels, Together = true };
        Workers.For(job.Blocks, 1, job, scratch * TLanes.Count);
    }

    /// <summary>The rows of the longest sequence.</summary>
    private static long LongestOf(NativeSpan<SequenceRows> sequences)
    {
        long longest = 0;
        foreach (SequenceRows sequence in sequences.AsSpan()) longest = Math.Max(longest, sequence.Count);
        return longest;
    }

    /// <summary>Items are blocks of channels, of one sequence or of all together.</summary>
    private struct ScanJob<TScan> : IRangeJob
        where TScan : unmanaged, IChannelScan
    {
        public TScan Scan;
        public SequenceRows* Sequences;
        public long Count;
        public long Channels;
        public bool Together;

        public readonly long Blocks => (Channels + ChannelsPerItem - 1) / ChannelsPerItem;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long item = start; item < end; item++)
            {
                if (!Together) Run(Sequences[item / Blocks], item % Blocks, scratch);
                else
                    for (long sequence = 0; sequence < Count; sequence++) Run(Sequences[sequence], item, scratch);
            }
        }

        private readonly void Run(in SequenceRows rows, long block, float* scratch)
        {
            long channel = block * ChannelsPerItem, end = Math.Min(channel + ChannelsPerItem, Channels);
            for (; channel + TLanes.Count <= end; channel += TLanes.Count) Scan.Run<TLanes>(rows, channel, scratch);
            for (; channel < end; channel++) Scan.Run<Lanes1>(rows, channel, scratch);
        }
    }

    /// <summary>y += value.</summary>
    private static void Accumulate<T>(T value, float* y)
        where T : unmanaged, ILanes<T> => T.Store(T.Load(y) + value, y);
}
