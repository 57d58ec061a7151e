namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// A convolution with a filter as long as the sequence, given by its modes (Massaroli et al. 2023, "Laughing Hyena Distillery", eq. 3.2):
    /// y[t, c] = skip[c] · x[t, c] + Σ over modes m of Re(residue[m, c] · z[m, c]) with z ← pole[m, c] · z + x[t, c].
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="x">[N, C].</param>
    /// <param name="poles">[M, 2, C]: real and imaginary parts.</param>
    /// <param name="residues">[M, 2, C].</param>
    /// <param name="skip">[C].</param>
    /// <param name="state">[M, 2, C]: z.</param>
    /// <param name="y">[N, C].</param>
    public abstract void LongConv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> poles, NativeSpan<float> residues, NativeSpan<float> skip,
        StateSlots state, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="LongConv"/> over whole sequences, rebuilding z on the way.</summary>
    public abstract void LongConvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> poles, NativeSpan<float> residues, NativeSpan<float> skip,
        NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientPoles, NativeSpan<float> gradientResidues,
        NativeSpan<float> gradientSkip);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void LongConv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> poles, NativeSpan<float> residues, NativeSpan<float> skip,
        StateSlots state, NativeSpan<float> y)
    {
        LongConvScan scan = new()
        {
            X = x.Pointer, Poles = poles.Pointer, Residues = residues.Pointer, Skip = skip.Pointer, Channels = skip.Length,
            Modes = (int)(poles.Length / skip.Length / 2), State = state, Y = y.Pointer,
        };
        Scan(sequences, skip.Length, 4 * scan.Modes, scan, 2 * scan.Modes);
    }

    public override void LongConvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> poles, NativeSpan<float> residues, NativeSpan<float> skip,
        NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientPoles, NativeSpan<float> gradientResidues,
        NativeSpan<float> gradientSkip)
    {
        LongConvBackwardScan scan = new()
        {
            X = x.Pointer, Poles = poles.Pointer, Residues = residues.Pointer, Skip = skip.Pointer, Channels = skip.Length,
            Modes = (int)(poles.Length / skip.Length / 2), GradientY = gradientY.Pointer, GradientX = gradientX.Pointer,
            GradientPoles = gradientPoles.Pointer, GradientResidues = gradientResidues.Pointer, GradientSkip = gradientSkip.Pointer,
        };
        ScanBackward(sequences, skip.Length, scan, 2 * (LongestOf(sequences) + 1));
    }

    /// <summary>A complex number in each lane.</summary>
    private struct Complex<T>
        where T : unmanaged, ILanes<T>
    {
        public T Real;
        public T Imaginary;

        public static Complex<T> Load(float* from, long distance) => new() { Real = T.Load(from), Imaginary = T.Load(from + distance) };

        public readonly void Store(float* to, long distance)
        {
            T.Store(Real, to);
            T.Store(Imaginary, to + distance);
        }

        /// <summary>this · factor + addend.</summary>
        public readonly Complex<T> Advanced(Complex<T> factor, T addend) => new()
        {
            Real = T.MultiplyAdd(Real, factor.Real, addend) - (Imaginary * factor.Imaginary),
            Imaginary = T.MultiplyAdd(Imaginary, factor.Real, Real * factor.Imaginary),
        };
    }

    private struct LongConvScan : IChannelScan
    {
        public float* X;
        public float* Poles;
        public float* Residues;
        public float* Skip;
        public long Channels;
        public int Modes;
        public StateSlots State;
        public float* Y;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* kept = State.Of(rows);
            for (int part = 0; part < 2 * Modes; part++)
                T.Store(kept == null || rows.Begins ? T.Broadcast(0) : T.Load(kept + (part * Channels) + channel), scratch + (part * T.Count));
            long place = (rows.Start * Channels) + channel;
            for (int row = 0; row < rows.Count; row++, place += Channels)
            {
                T x = T.Load(X + place), y = T.Load(Skip + channel) * x;
                for (int mode = 0; mode < Modes; mode++)
                {
                    float* at = scratch + (2 * mode * T.Count);
                    Complex<T> residue = Complex<T>.Load(Residues + (2 * mode * Channels) + channel, Channels);
                    Complex<T> z = Complex<T>.Load(at, T.Count).Advanced(Complex<T>.Load(Poles + (2 * mode * Channels) + channel, Channels), x);
                    z.Store(at, T.Count);
                    y = T.MultiplyAdd(residue.Real, z.Real, y) - (residue.Imaginary * z.Imaginary);
                }

                T.Store(y, Y + place);
            }

            for (int part = 0; kept != null && part < 2 * Modes; part++) T.Store(T.Load(scratch + (part * T.Count)), kept + (part * Channels) + channel);
        }
    }

    private struct LongConvBackwardScan : IChannelScan
    {
        public float* X;
        public float* Poles;
        public float* Residues;
        public float* Skip;
        public long Channels;
        public int Modes;
        public float* GradientY;
        public float* GradientX;
        public float* GradientPoles;
        public float* GradientResidues;
        public float* GradientSkip;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            long start = (rows.Start * Channels) + channel;
            for (int row = 0; row < rows.Count; row++)
            {
                T gradient = T.Load(GradientY + start + (row * Channels));
                Accumulate(gradient * T.Load(X + start + (row * Channels)), GradientSkip + channel);
                Accumulate(gradient * T.Load(Skip + channel), GradientX + start + (row * Channels));
            }

            for (int mode = 0; mode < Modes; mode++) Run<T>(rows, start, (2 * mode * Channels) + channel, scratch);
        }

        /// <summary>With g the gradient of z: dpole = g · conjugate(z′), dx += Re g, and g′ = g · conjugate(pole) goes to the row before.</summary>
        private readonly void Run<T>(in SequenceRows rows, long start, long mode, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            T zero = T.Broadcast(0);
            Complex<T> pole = Complex<T>.Load(Poles + mode, Channels), residue = Complex<T>.Load(Residues + mode, Channels);
            Complex<T> z = new() { Real = zero, Imaginary = zero }, gradient = z, ofPole = z, ofResidue = z;
            z.Store(scratch, T.Count);
            for (int row = 0; row < rows.Count; row++)
            {
                z = z.Advanced(pole, T.Load(X + start + (row * Channels)));
                z.Store(scratch + (2 * (row + 1) * T.Count), T.Count);
            }

            for (int row = rows.Count - 1; row >= 0; row--)
            {
                T y = T.Load(GradientY + start + (row * Channels));
                z = Complex<T>.Load(scratch + (2 * (row + 1) * T.Count), T.Count);
                ofResidue.Real = T.MultiplyAdd(y, z.Real, ofResidue.Real);
                ofResidue.Imaginary -= y * z.Imaginary;
                gradient.Real = T.MultiplyAdd(y, residue.Real, gradient.Real);
                gradient.Imaginary -= y * residue.Imaginary;
                Accumulate(gradient.Real, GradientX + start + (row * Channels));
                Complex<T> before = Complex<T>.Load(scratch + (2 * row * T.Count), T.Count);
                ofPole.Real += T.MultiplyAdd(gradient.Real, before.Real, gradient.Imaginary * before.Imaginary);
                ofPole.Imaginary += (gradient.Imaginary * before.Real) - (gradient.Real * before.Imaginary);
                T real = T.MultiplyAdd(pole.Real, gradient.Real, pole.Imaginary * gradient.Imaginary);
                gradient.Imaginary = (pole.Real * gradient.Imaginary) - (pole.Imaginary * gradient.Real);
                gradient.Real = real;
            }

            Accumulate(ofPole.Real, GradientPoles + mode);
            Accumulate(ofPole.Imaginary, GradientPoles + mode + Channels);
            Accumulate(ofResidue.Real, GradientResidues + mode);
            Accumulate(ofResidue.Imaginary, GradientResidues + mode + Channels);
        }
    }
}
