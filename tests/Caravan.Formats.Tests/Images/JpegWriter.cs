namespace Caravan.Formats.Tests;

/// <summary>Writes JPEG pictures of given coefficients for tests, in one scan or in the steps of a progressive one. Every symbol's code is itself, in 8 bits.</summary>
internal sealed class JpegWriter
{
    private static readonly int[] Diagonal = [.. Enumerable.Range(0, 64).OrderBy(i => (i / 8) + (i % 8)).ThenBy(i => ((i / 8) + (i % 8)) % 2 == 0 ? i % 8 : i / 8)];

    private readonly List<byte> bytes = [0xFF, 0xD8];
    private int current, used;

    /// <summary>Where in the diagonal order a coefficient comes that lies there in lines.</summary>
    public static int PlaceOf(int coefficient) => Array.IndexOf(Diagonal, coefficient);

    /// <summary>A file.</summary>
    /// <param name="width">Pixels of a line.</param>
    /// <param name="height">Lines.</param>
    /// <param name="sampling">Blocks of each component across and down in a unit.</param>
    /// <param name="blocks">For each component its coefficients, block by block as units hold them, 64 each in the order of lines.</param>
    /// <param name="progressive">Whether in steps.</param>
    /// <param name="restart">Units between restart markers; 0 for none.</param>
    public static byte[] Write(int width, int height, (int Across, int Down)[] sampling, short[][][] blocks, bool progressive = false, int restart = 0)
    {
        JpegWriter writer = new();
        writer.Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        foreach (byte table in (byte[])[0x00, 0x10]) writer.Segment(0xC4, [table, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Range(0, 255).Select(symbol => (byte)symbol)]);
        if (restart > 0) writer.Segment(0xDD, [(byte)(restart >> 8), (byte)restart]);
        writer.Segment(
            progressive ? 0xC2 : 0xC0,
            [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)sampling.Length, .. sampling.SelectMany((one, i) => new byte[] { (byte)(i + 1), (byte)((one.Across << 4) | one.Down), 0 })]);
        int[] all = [.. Enumerable.Range(0, sampling.Length)];
        if (!progressive)
        {
            writer.Scan(all, sampling, blocks, 0, 63, 0, 0, restart);
        }
        else
        {
            writer.Scan(all, sampling, blocks, 0, 0, 0, 1, restart);
            foreach (int one in all) writer.Scan([one], sampling, blocks, 1, 63, 0, 1, restart);
            writer.Scan(all, sampling, blocks, 0, 0, 1, 0, restart);
            foreach (int one in all) writer.Scan([one], sampling, blocks, 1, 63, 1, 0, restart);
        }

        return [.. writer.bytes, 0xFF, 0xD9];
    }

    private void Segment(int marker, byte[] content) => bytes.AddRange([0xFF, (byte)marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]);

    private void Scan(int[] chosen, (int Across, int Down)[] sampling, short[][][] blocks, int from, int to, int high, int low, int restart)
    {
        Segment(0xDA, [(byte)chosen.Length, .. chosen.SelectMany(one => new byte[] { (byte)(one + 1), 0 }), (byte)from, (byte)to, (byte)((high << 4) | low)]);
        int[] predicted = new int[sampling.Length];
        int perUnit = chosen.Length == 1 ? 1 : sampling[0].Across * sampling[0].Down, units = blocks[chosen[0]].Length / perUnit, marker = 0;
        for (int unit = 0; unit < units; unit++)
        {
            if (restart > 0 && unit > 0 && unit % restart == 0)
            {
                Align();
                bytes.AddRange([0xFF, (byte)(0xD0 + (marker++ % 8))]);
                Array.Clear(predicted);
            }

            foreach (int one in chosen)
            {
                int count = chosen.Length == 1 ? 1 : sampling[one].Across * sampling[one].Down;
                for (int i = 0; i < count; i++) Block(blocks[one][(unit * count) + i], ref predicted[one], from, to, high, low);
            }
        }

        Align();
    }

    private void Block(short[] block, ref int predicted, int from, int to, int high, int low)
    {
        if (from == 0)
        {
            if (high > 0)
            {
                Put(block[0] >> low, 1);
            }
            else
            {
                int value = block[0] >> low;
                Number(0, value - predicted);
                predicted = value;
            }
        }

        if (to == 0) return;
        if (high > 0) Refined(block, from, to);
        else Others(block, Math.Max(1, from), to, low);
    }

    private void Others(short[] block, int from, int to, int low)
    {
        int zeros = 0;
        for (int k = from; k <= to; k++)
        {
            int value = block[Diagonal[k]] / (1 << low);
            if (value == 0)
            {
                zeros++;
                continue;
            }

            for (; zeros > 15; zeros -= 16) Put(0xF0, 8);
            Number(zeros, value);
            zeros = 0;
        }

        if (zeros > 0) Put(0, 8);
    }

    /// <summary>The last bit of coefficients that were there, and those that only now appear; no gap of zeros is longer than 15.</summary>
    private void Refined(short[] block, int from, int to)
    {
        int zeros = 0;
        List<int> corrections = [];
        bool open = false;
        for (int k = from; k <= to; k++)
        {
            int size = Math.Abs((int)block[Diagonal[k]]);
            open = size != 1;
            if (size > 1) corrections.Add(size & 1);
            else if (size == 0) zeros++;
            else
            {
                Put((zeros << 4) | 1, 8);
                Put(block[Diagonal[k]] > 0 ? 1 : 0, 1);
                foreach (int bit in corrections) Put(bit, 1);
                corrections.Clear();
                zeros = 0;
            }
        }

        if (!open) return;
        Put(0, 8);
        foreach (int bit in corrections) Put(bit, 1);
    }

    private void Number(int zeros, int value)
    {
        int size = 32 - int.LeadingZeroCount(Math.Abs(value));
        Put((zeros << 4) | size, 8);
        Put(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private void Put(int value, int count)
    {
        for (int bit = count - 1; bit >= 0; bit--)
        {
            current = (current << 1) | ((value >> bit) & 1);
            if (++used < 8) continue;
            bytes.Add((byte)current);
            if ((byte)current == 0xFF) bytes.Add(0);
            (current, used) = (0, 0);
        }
    }

    private void Align()
    {
        while (used > 0) Put(1, 1);
    }
}
