namespace Caravan.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something could not be done; one sentence on stderr says what.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself was wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read the output has gone: 128 + SIGPIPE, as programs end that the signal ends.</summary>
    public const int BrokenPipe = 141;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
