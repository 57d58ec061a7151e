using System.Buffers.Binary;
using System.Text;

namespace Caravan.Testing;

/// <summary>
/// Feeds damaged variants of a valid input to a parser. The parser may accept one or throw a <see cref="CaravanException"/>;
/// any other exception, and any case that allocates out of proportion, fails the test with the seed and number of the mutation.
/// </summary>
public static class MutationFuzzer
{
    /// <summary>What one case may allocate on the managed heap.</summary>
    private const long LargestAllocation = 64 << 20;

    private static readonly ulong[] Extremes =
    [
        0, 1, ulong.MaxValue, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 1UL << 31, (1UL << 31) - 1, 1UL << 32, uint.MaxValue, 1UL << 60, 1UL << 63, long.MaxValue,
    ];

    /// <summary>How many mutations a test runs: the environment variable <c>CARAVAN_FUZZ_MUTATIONS</c> for long runs, else the given number.</summary>
    public static int Mutations(int usual = 2000) =>
        int.TryParse(Environment.GetEnvironmentVariable("CARAVAN_FUZZ_MUTATIONS"), out int count) ? count : usual;

    /// <summary>Runs the parser on <paramref name="mutations"/> variants, the same ones for the same seed. Returns how many were refused.</summary>
    public static int Run(byte[] seedInput, int mutations, int seed, Action<byte[]> parse)
    {
        int refused = 0;
        for (int i = 0; i < mutations; i++)
        {
            byte[] input = Mutate(seedInput, new Random(SeedOf(seed, i)));
            if (!Accepts(input, parse, $"mutation {i} of seed {seed}")) refused++;
        }

        return refused;
    }

    /// <summary>The same for a parser that takes a file; every variant is written to one temporary file.</summary>
    public static int RunOnFile(byte[] seedInput, int mutations, int seed, string fileName, Action<string> parse)
    {
        using TemporaryFolder folder = TemporaryFolder.InMemory();
        return Run(seedInput, mutations, seed, input =>
        {
            folder.Write(fileName, input);
            parse(folder.File(fileName));
        });
    }

    /// <summary>One variant of the input: one to four changes drawn from all kinds.</summary>
    public static byte[] Mutate(byte[] input, Random random)
    {
        byte[] result = [.. input];
        for (int changes = random.Next(1, 5); changes > 0 && result.Length > 0; changes--)
            result = Change(result, random);
        return result;
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        int place = Place(bytes.Length, random);
        switch (random.Next(8))
        {
            case 0:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[place] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..place];
            case 3:
                int length = Math.Min(bytes.Length - place, random.Next(1, 65));
                return [.. bytes[..(place + length)], .. bytes[place..]];
            case 4:
                int cut = Math.Min(bytes.Length - place, random.Next(1, 65));
                return [.. bytes[..place], .. bytes[(place + cut)..]];
            case 5:
                return Extreme(bytes, place, sizeof(uint), random);
            case 6:
                return ExtremeDigits(bytes, place, random);
            default:
                return Extreme(bytes, place, sizeof(ulong), random);
        }
    }

    /// <summary>Anywhere in the input, but half of the time near the start, where headers are.</summary>
    private static int Place(int length, Random random) => random.Next(random.Next(2) == 0 ? length : Math.Min(length, 256));

    /// <summary>Puts a number that lengths, counts and offsets should never be over the bytes at a place.</summary>
    private static byte[] Extreme(byte[] bytes, int place, int size, Random random)
    {
        byte[] number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)]);
        number.AsSpan(0, Math.Min(size, bytes.Length - place)).CopyTo(bytes.AsSpan(place));
        return bytes;
    }

    /// <summary>The same for numbers in text: replaces the next run of digits, if there is one.</summary>
    private static byte[] ExtremeDigits(byte[] bytes, int place, Random random)
    {
        int start = Array.FindIndex(bytes, place, value => char.IsAsciiDigit((char)value));
        if (start < 0) return Extreme(bytes, place, sizeof(ulong), random);
        int end = Array.FindIndex(bytes, start, value => !char.IsAsciiDigit((char)value));
        return [.. bytes[..start], .. Encoding.ASCII.GetBytes($"{Extremes[random.Next(Extremes.Length)]}"), .. end < 0 ? [] : bytes[end..]];
    }

    private static bool Accepts(byte[] input, Action<byte[]> parse, string which)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool accepted = true;
        try
        {
            parse(input);
        }
        catch (CaravanException)
        {
            accepted = false;
        }
        catch (Exception exception)
        {
            throw new Xunit.Sdk.XunitException($"{which} ({input.Length} bytes) threw {exception}");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < LargestAllocation, $"{which} ({input.Length} bytes) allocated {allocated} bytes.");
        return accepted;
    }

    /// <summary>A random seed per mutation, so that one can be run again alone. <see cref="System.HashCode"/> differs between runs.</summary>
    private static int SeedOf(int seed, int number) => unchecked((seed * 486187739) ^ (number * 16777619) ^ (number >> 7));
}
