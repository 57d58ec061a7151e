namespace Caravan.Cli;

/// <summary>The command line contradicts itself or lacks something; ends with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
