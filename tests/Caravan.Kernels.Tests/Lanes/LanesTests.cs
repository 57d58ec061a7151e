namespace Caravan.Kernels.Tests;

/// <summary>What kernels rely on in every register: exact arithmetic lane by lane, NaN that is not lost, and an exponential that is nearly exact.</summary>
public sealed unsafe class LanesTests
{
    public static TheoryData<InstructionSet> Sets => [.. Cpu.Supported];

    private static readonly float[] Special =
    [
        0, -0f, 1, -1, 1.5f, float.Epsilon, -float.Epsilon, 1.1754942e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Arithmetic_is_that_of_single_floats(InstructionSet set)
    {
        foreach (float a in Special)
        {
            foreach (float b in Special)
            {
                AssertSame([a + b, a - b, a * b, a / b, MathF.Max(a, b), MathF.Min(a, b), MathF.Sqrt(a)], Evaluate(set, a, b), $"{a}, {b}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Multiply_add_rounds_once_or_twice(InstructionSet set)
    {
        Random random = new(1);
        for (int i = 0; i < 1_000; i++)
        {
            float a = random.NextSingle(), b = random.NextSingle(), c = -a * b * (1 + (random.NextSingle() / 1000));
            float result = Run(set, new MultiplyAdd(c), a, b)[0];
            Assert.True(result == (a * b) + c || result == MathF.FusedMultiplyAdd(a, b, c), $"{a} · {b} + {c} = {result}");
        }
    }

    /// <summary>
    /// .NET 10's vector exponential errs by 1.2497 · 2⁻²³ of the result at most (at 2.4260159; all floats were tried once, 2026). Here a stride
    /// that is prime visits every exponent and all kinds of mantissas.
    /// </summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Exponential_is_nearly_exact(InstructionSet set)
    {
        for (long bits = 0; bits <= uint.MaxValue; bits += 20_011)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)bits);
            AssertExponential(set, x);
        }

        for (float x = -104.5f; x < 89.5f; x += 0.00391f) AssertExponential(set, x);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Across_takes_every_lane(InstructionSet set)
    {
        int width = Width(set);
        for (int lane = 0; lane < width; lane++)
        {
            float[] x = [.. Enumerable.Range(0, width).Select(i => i == lane ? 5f : -(float)i)];
            Assert.Equal(5, Across(set, x).Max);
            Assert.Equal(x.Sum(), Across(set, x).Sum);
            x[lane] = float.NaN;
            Assert.Equal(float.NaN, Across(set, x).Sum);
            Assert.Equal(float.NegativeInfinity, Across(set, [.. x.Select(_ => float.NegativeInfinity)]).Max);
        }
    }

    /// <summary>e to powers of at most 0, and of a rounding error above it: as exact as the general exponential, 0 where results would be subnormal.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void Exponential_of_softmaxes_is_nearly_exact(InstructionSet set)
    {
        for (float x = -95; x < 1e-3f; x += 0.000_37f)
        {
            double exact = Math.Exp(x);
            float result = Run(set, default(SoftmaxExponential), x, 0)[0];
            if (x < -88) Assert.Equal(0, result);
            else if (!(Math.Abs(result - exact) <= (x < -87.3f ? exact : exact * 1.25 * Math.Pow(2, -23)))) Assert.Fail($"exp({x:R}) is {result:R}, not {exact:R}");
        }

        Assert.Equal(1, Run(set, default(SoftmaxExponential), 0, 0)[0]);
        Assert.Equal(0, Run(set, default(SoftmaxExponential), float.NegativeInfinity, 0)[0]);
        Assert.Equal(float.NaN, Run(set, default(SoftmaxExponential), float.NaN, 0)[0]);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Larger_of_a_number_and_anything(InstructionSet set)
    {
        foreach (float a in Special.Where(a => !float.IsNaN(a)))
            foreach (float b in Special) Assert.Equal(MathF.Max(a, b), Run(set, default(LargerOf), a, b)[0]);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Loads_of_halves_and_bytes_are_exact(InstructionSet set)
    {
        ushort[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        float[] expected = [.. halves.Select(HalfFloats.ToSingle)], actual = Halves(set, halves);
        AssertSame(expected, actual, "halves");
        sbyte[] bytes = [.. Enumerable.Range(-128, 256).Select(value => (sbyte)value)];
        Assert.Equal(bytes.Select(value => (float)value), Bytes(set, bytes));
    }

    private static float[] Halves(InstructionSet set, ushort[] halves) => set switch
    {
        InstructionSet.Avx512 => Halves<Lanes16>(halves),
        InstructionSet.Avx2 => Halves<Lanes8>(halves),
        InstructionSet.Vector128 => Halves<Lanes4>(halves),
        _ => Halves<Lanes1>(halves),
    };

    private static float[] Halves<T>(ushort[] halves)
        where T : unmanaged, ILanes<T>
    {
        float[] result = new float[halves.Length];
        fixed (ushort* source = halves)
        fixed (float* destination = result)
            for (int i = 0; i < result.Length; i += T.Count) T.Store(T.LoadHalves(source + i), destination + i);
        return result;
    }

    private static float[] Bytes(InstructionSet set, sbyte[] bytes) => set switch
    {
        InstructionSet.Avx512 => Bytes<Lanes16>(bytes),
        InstructionSet.Avx2 => Bytes<Lanes8>(bytes),
        InstructionSet.Vector128 => Bytes<Lanes4>(bytes),
        _ => Bytes<Lanes1>(bytes),
    };

    private static float[] Bytes<T>(sbyte[] bytes)
        where T : unmanaged, ILanes<T>
    {
        float[] result = new float[bytes.Length];
        fixed (sbyte* source = bytes)
        fixed (float* destination = result)
            for (int i = 0; i < result.Length; i += T.Count) T.Store(T.LoadBytes(source + i), destination + i);
        return result;
    }

    private static void AssertExponential(InstructionSet set, float x)
    {
        double exact = Math.Exp(x);
        float result = Run(set, default(Exponential), x, 0)[0];
        if (double.IsNaN(exact))
        {
            Assert.Equal(float.NaN, result);
            return;
        }

        // At the edge of overflow the nearest float may be infinite, or the largest one.
        if (float.IsInfinity(result) && exact > float.MaxValue) return;
        double unit = Math.Max(exact * 1.25 * Math.Pow(2, -23), 2 * float.Epsilon);
        if (!(Math.Abs(result - exact) <= unit)) Assert.Fail($"exp({x:R}) is {result:R}, not {exact:R}");
    }

    private static float[] Evaluate(InstructionSet set, float a, float b) =>
    [
        Run(set, default(Plus), a, b)[0], Run(set, default(Minus), a, b)[0], Run(set, default(Times), a, b)[0], Run(set, default(Over), a, b)[0],
        Run(set, default(Larger), a, b)[0], Run(set, default(Smaller), a, b)[0], Run(set, default(Root), a, b)[0],
    ];

    private static void AssertSame(float[] expected, float[] actual, string where)
    {
        // NaN is NaN whatever its sign; all else bit for bit, zeros included.
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = float.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]);
            Assert.True(same, $"{where}: function {i} is {actual[i]}, not {expected[i]}");
        }
    }

    private static int Width(InstructionSet set) => set switch
    {
        InstructionSet.Avx512 => Lanes16.Count,
        InstructionSet.Avx2 => Lanes8.Count,
        InstructionSet.Vector128 => Lanes4.Count,
        _ => Lanes1.Count,
    };

    private static float[] Run<TFunction>(InstructionSet set, TFunction function, float a, float b)
        where TFunction : struct, IFunction => set switch
        {
            InstructionSet.Avx512 => Run<Lanes16, TFunction>(function, a, b),
            InstructionSet.Avx2 => Run<Lanes8, TFunction>(function, a, b),
            InstructionSet.Vector128 => Run<Lanes4, TFunction>(function, a, b),
            _ => Run<Lanes1, TFunction>(function, a, b),
        };

    /// <summary>All lanes, which must agree.</summary>
    private static float[] Run<T, TFunction>(TFunction function, float a, float b)
        where T : unmanaged, ILanes<T>
        where TFunction : struct, IFunction
    {
        float[] result = new float[T.Count];
        fixed (float* pointer = result) T.Store(function.Apply(T.Broadcast(a), T.Broadcast(b)), pointer);
        for (int i = 1; i < result.Length; i++)
            if (BitConverter.SingleToInt32Bits(result[i]) != BitConverter.SingleToInt32Bits(result[0])) Assert.Fail($"Lane {i} differs: {a}, {b}");
        return result;
    }

    private static (float Sum, float Max) Across(InstructionSet set, float[] x) => set switch
    {
        InstructionSet.Avx512 => Across<Lanes16>(x),
        InstructionSet.Avx2 => Across<Lanes8>(x),
        InstructionSet.Vector128 => Across<Lanes4>(x),
        _ => Across<Lanes1>(x),
    };

    private static (float Sum, float Max) Across<T>(float[] x)
        where T : unmanaged, ILanes<T>
    {
        fixed (float* pointer = x) return (T.Sum(T.Load(pointer)), T.MaxAcross(T.Load(pointer)));
    }

    private interface IFunction
    {
        T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T>;
    }

    private readonly struct Plus : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a + b;
    }

    private readonly struct Minus : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a - b;
    }

    private readonly struct Times : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a * b;
    }

    private readonly struct Over : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a / b;
    }

    private readonly struct Larger : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Max(a, b);
    }

    private readonly struct Smaller : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Min(a, b);
    }

    private readonly struct Root : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Sqrt(a);
    }

    private readonly struct Exponential : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Exp(a);
    }

    private readonly struct SoftmaxExponential : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => SoftmaxExp.Of(a);
    }

    private readonly struct LargerOf : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.MaxOf(a, b);
    }

    private readonly struct MultiplyAdd(float addend) : IFunction
    {
        public T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.MultiplyAdd(a, b, T.Broadcast(addend));
    }
}
